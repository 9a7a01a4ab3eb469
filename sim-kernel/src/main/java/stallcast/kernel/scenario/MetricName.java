package stallcast.kernel.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The name of a metric: {@code host.(cpu N | task NAME | cgroup PATH | vm NAME | incident KIND |
 * machine).what}. Between the scope and its element a blank or a dot may stand.
 *
 * @param scope what it is about
 * @param element CPU number, task template (or {@code name-i} for one task of it), path of a
 *     control group, name of a virtual machine, incident kind; empty for the machine
 * @param what which property
 */
public record MetricName(MetricScope scope, String element, MetricKind what) {

  /** Canonical spelling: {@code host.task nmsending.max-off-cpu}, {@code host.machine.events}. */
  public String text() {
    return element.isEmpty()
        ? "host." + scope.key() + "." + what.key()
        : "host." + scope.key() + " " + element + "." + what.key();
  }

  /**
   * Reads a metric name.
   *
   * @return the metric, or empty with one line added to {@code problems}
   */
  public static Optional<MetricName> parse(String text, List<String> problems) {
    String[] words = text.trim().split("[.\\s]+", -1);
    if (words.length < 3 || !words[0].equals("host")) {
      problems.add(
          "metric '"
              + text
              + "' must be host.(cpu N|task NAME|cgroup PATH|vm NAME|incident KIND).what");
      return Optional.empty();
    }
    Optional<MetricScope> scope = MetricScope.find(words[1]);
    if (scope.isEmpty()) {
      problems.add(
          "metric '" + text + "': unknown scope '" + words[1] + "', legal: " + MetricScope.keys());
      return Optional.empty();
    }
    boolean whole = scope.get() == MetricScope.MACHINE;
    String element = whole ? "" : element(text, scope.get(), words);
    int whatAt = words.length - 1;
    boolean complete = whole ? words.length == 3 : words.length == 4 || isPath(element);
    if (!complete) {
      problems.add("metric '" + text + "' must be host." + scope.get().form() + ".what");
      return Optional.empty();
    }
    Optional<MetricKind> what = MetricKind.find(scope.get(), words[whatAt]);
    if (what.isEmpty()) {
      List<String> legal = new ArrayList<>();
      for (MetricKind kind : MetricKind.values()) {
        if (kind.scope() == scope.get()) {
          legal.add(kind.key());
        }
      }
      problems.add(
          "metric '"
              + text
              + "': unknown property '"
              + words[whatAt]
              + "', legal: "
              + String.join(", ", legal));
      return Optional.empty();
    }
    return Optional.of(new MetricName(scope.get(), element, what.get()));
  }

  /** What stands between scope and property; a path may have dots and blanks of its own. */
  private static String element(String text, MetricScope scope, String[] words) {
    if (scope != MetricScope.CGROUP) {
      return words[2];
    }
    String what = words[words.length - 1];
    String name = text.trim();
    int from = name.indexOf(scope.key()) + scope.key().length() + 1;
    int to = name.length() - what.length() - 1;
    return from < to ? name.substring(from, to).trim() : "";
  }

  private static boolean isPath(String element) {
    return element.startsWith("/");
  }
}
