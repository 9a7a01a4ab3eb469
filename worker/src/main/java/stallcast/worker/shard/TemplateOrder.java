package stallcast.worker.shard;

import java.util.Arrays;
import java.util.List;
import stallcast.kernel.scenario.HostConfig;

/** The naming of hosts whose tasks are created template by template, with ids from 0 upwards. */
public final class TemplateOrder implements TaskNaming {
  private int[] firstAfter = new int[0]; // [templates] first task id behind the template
  private int templates;

  @Override
  public void turnTo(HostConfig host) {
    List<HostConfig.Template> list = host.tasks();
    templates = list.size();
    if (firstAfter.length < templates) {
      firstAfter = new int[templates];
    }
    int next = 0;
    for (int t = 0; t < templates; t++) {
      next += list.get(t).count();
      firstAfter[t] = next;
    }
  }

  @Override
  public int template(int task) {
    if (task < 0 || templates == 0 || task >= firstAfter[templates - 1]) {
      return NO_TASK;
    }
    int at = Arrays.binarySearch(firstAfter, 0, templates, task);
    int template = at >= 0 ? at + 1 : -at - 1;
    while (firstAfter[template] <= task) {
      template++; // templates without a task on this host share a bound
    }
    return template;
  }

  @Override
  public int index(int task) {
    int template = template(task);
    if (template < 0) {
      return NO_TASK;
    }
    return template == 0 ? task : task - firstAfter[template - 1];
  }
}
