package stallcast.coordinator.scenario;

import stallcast.coordinator.scenario.yaml.Position;

/**
 * A value given on the command line that replaces one of the scenario.
 *
 * @param label the whole option, for messages
 * @param path dotted path such as {@code host.cpus} or {@code kernel.sched_rt_runtime_us}
 * @param value YAML text of the value
 */
public record ScenarioOverride(String label, String path, String value) {

  /**
   * Splits {@code path=value}.
   *
   * @param option the option's name, for messages
   * @throws IllegalArgumentException if there is no path or no value
   */
  public static ScenarioOverride parse(String option, String text) {
    int equals = text.indexOf('=');
    if (equals <= 0 || equals == text.length() - 1) {
      throw new IllegalArgumentException(
          option + " " + text + ": must be path=value, such as host.cpus=64");
    }
    String path = text.substring(0, equals).trim();
    return new ScenarioOverride(option + " " + text, path, text.substring(equals + 1));
  }

  Position position() {
    return Position.of(label.replaceAll("\\s+", " "));
  }
}
