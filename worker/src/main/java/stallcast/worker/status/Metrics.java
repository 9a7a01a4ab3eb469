package stallcast.worker.status;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/**
 * Numbers of this process, read when they are asked for, in the text format of Prometheus (version
 * 0.0.4). Names end in their unit, and those of counters in {@code _total}.
 */
public final class Metrics {
  private static final String PREFIX = "stallcast_";

  /** One line under a name: labels such as <code>{state="done"}</code>, or nothing. */
  private record Line(String labels, DoubleSupplier value) {}

  private record Family(String name, String type, String help, List<Line> lines) {}

  private final List<Family> families = new ArrayList<>();

  /** Metrics of the JVM, which every process has. */
  public Metrics() {
    Runtime jvm = Runtime.getRuntime();
    gauge("memory_used_bytes", "Heap in use.", () -> jvm.totalMemory() - jvm.freeMemory());
    gauge("memory_max_bytes", "Heap at most.", jvm::maxMemory);
  }

  /** A number that goes up and down. */
  public void gauge(String name, String help, DoubleSupplier value) {
    add(name, "gauge", help, new Line("", value));
  }

  /** A number that only grows while the process lives. */
  public void counter(String name, String help, DoubleSupplier value) {
    add(name + "_total", "counter", help, new Line("", value));
  }

  /** A gauge that is one of several under a name. */
  public void gauge(String name, String help, String label, String text, DoubleSupplier value) {
    add(name, "gauge", help, new Line(label(label, text), value));
  }

  private static String label(String name, String text) {
    String escaped = text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    return "{" + name + "=\"" + escaped + "\"}";
  }

  private void add(String name, String type, String help, Line line) {
    String full = PREFIX + name;
    for (Family family : families) {
      if (family.name().equals(full)) {
        family.lines().add(line);
        return;
      }
    }
    families.add(new Family(full, type, help, new ArrayList<>(List.of(line))));
  }

  /** All of them, as they are now. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Family family : families) {
      text.append("# HELP ").append(family.name()).append(' ').append(family.help()).append('\n');
      text.append("# TYPE ").append(family.name()).append(' ').append(family.type()).append('\n');
      for (Line line : family.lines()) {
        text.append(family.name()).append(line.labels()).append(' ');
        text.append(number(line.value().getAsDouble())).append('\n');
      }
    }
    return text.toString();
  }

  private static String number(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1L << 53;
    return whole ? Long.toString((long) value) : String.format(Locale.ROOT, "%.6g", value);
  }
}
