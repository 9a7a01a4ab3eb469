package stallcast.kernel.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import stallcast.kernel.scenario.HostConfig;

/**
 * Which tasks are vCPUs, and of which virtual machine. A virtual machine's vCPUs are numbered in
 * the order of its tasks.
 *
 * <p>State: nothing that changes while a host runs.
 */
public final class Vms {
  /** No virtual machine. */
  public static final int NONE = -1;

  private final List<String> names = new ArrayList<>();
  private int[] vm = new int[0]; // [task]
  private int[] index = new int[0]; // [task] number among the vCPUs of its machine
  private int[] first = new int[0]; // [vm] position in members
  private int[] members = new int[0]; // tasks, by machine
  private int count;

  void reset(HostConfig config, TaskTable tasks) {
    names.clear();
    for (HostConfig.Template template : config.tasks()) {
      String name = template.spec().vm();
      if (!name.isEmpty() && !names.contains(name)) {
        names.add(name);
      }
    }
    count = names.size();
    if (vm.length < tasks.count()) {
      vm = new int[tasks.count()];
      index = new int[tasks.count()];
      members = new int[tasks.count()];
    }
    if (first.length < count + 1) {
      first = new int[count + 1];
    }
    Arrays.fill(vm, 0, tasks.count(), NONE);
    Arrays.fill(index, 0, tasks.count(), 0);
    int at = 0;
    for (int v = 0; v < count; v++) {
      first[v] = at;
      for (int task = 0; task < tasks.count(); task++) {
        if (names.get(v).equals(nameOf(config, tasks.template(task)))) {
          vm[task] = v;
          index[task] = at - first[v];
          members[at++] = task;
        }
      }
    }
    first[count] = at;
  }

  private static String nameOf(HostConfig config, int template) {
    boolean own = template >= 0 && template < config.tasks().size(); // the kernel's have none
    return own ? config.tasks().get(template).spec().vm() : "";
  }

  /** Virtual machines. */
  public int count() {
    return count;
  }

  /** Number of a virtual machine, or {@link #NONE} if there is none of that name. */
  public int find(String name) {
    return names.indexOf(name);
  }

  /** The virtual machine that a task is a vCPU of, or {@link #NONE}. */
  public int of(int task) {
    return vm[task];
  }

  /** Number of a vCPU in its machine. */
  public int index(int task) {
    return index[task];
  }

  /** vCPUs of a machine. */
  public int size(int machine) {
    return first[machine + 1] - first[machine];
  }

  /** The task that is a vCPU of a machine. */
  public int task(int machine, int vcpu) {
    return members[first[machine] + vcpu];
  }
}
