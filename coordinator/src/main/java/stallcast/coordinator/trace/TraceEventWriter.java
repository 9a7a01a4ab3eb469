package stallcast.coordinator.trace;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import stallcast.coordinator.scenario.yaml.JsonText;

/**
 * Writes the Trace Event Format (JSON object form) that Perfetto and chrome://tracing open. Times
 * are ns; the file has us with three decimals. One process, tracks by number.
 *
 * <p>Reference: "Trace Event Format", the Chromium project.
 */
final class TraceEventWriter implements Closeable {
  private static final long NS_PER_US = 1000;

  private final Writer out;
  private long events;
  private long lastId;

  /** Starts a file on a writer, which it closes in the end. */
  TraceEventWriter(Writer target) {
    out = new BufferedWriter(target);
    write("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
  }

  /** Events written. */
  long events() {
    return events;
  }

  /** Names the process. */
  void nameProcess(String name) {
    event("\"M\",\"name\":\"process_name\",\"args\":{\"name\":" + JsonText.quote(name) + "}");
  }

  /** Names a track; tracks are shown in the order of their numbers. */
  void nameTrack(int track, String name) {
    String of = "\"M\",\"tid\":" + track + ",\"name\":";
    event(of + "\"thread_name\",\"args\":{\"name\":" + JsonText.quote(name) + "}");
    event(of + "\"thread_sort_index\",\"args\":{\"sort_index\":" + track + "}");
  }

  /** Something that took time on a track, nested in or apart from all others there. */
  void slice(int track, String name, long fromNs, long toNs, String args) {
    String length = ",\"dur\":" + micros(toNs - fromNs);
    event(head("X", track, name, fromNs) + length + arguments(args));
  }

  /** A marker on a track. */
  void instant(int track, String name, long atNs, String args) {
    event(head("i", track, name, atNs) + ",\"s\":\"t\"" + arguments(args));
  }

  /** A span that may overlap others of its name. */
  void span(String category, String name, long fromNs, long toNs, String args) {
    lastId++;
    String of = ",\"cat\":" + JsonText.quote(category) + ",\"id\":" + lastId;
    event(head("b", 0, name, fromNs) + of + arguments(args));
    event(head("e", 0, name, toNs) + of);
  }

  /** The value of a counter from an instant on. */
  void counter(String name, long atNs, String unit, double value) {
    String args = JsonText.quote(unit) + ":" + value;
    event(head("C", 0, name, atNs) + arguments(args));
  }

  private static String head(String phase, int track, String name, long atNs) {
    return "\""
        + phase
        + "\",\"tid\":"
        + track
        + ",\"name\":"
        + JsonText.quote(name)
        + ",\"ts\":"
        + micros(atNs);
  }

  private static String arguments(String args) {
    return args.isEmpty() ? "" : ",\"args\":{" + args + "}";
  }

  private static String micros(long ns) {
    long rest = ns % NS_PER_US;
    return ns / NS_PER_US + "." + rest / 100 + rest / 10 % 10 + rest % 10;
  }

  private void event(String text) {
    write(events++ == 0 ? "\n" : ",\n");
    write("{\"pid\":1,\"ph\":" + text + "}");
  }

  private void write(String text) {
    try {
      out.write(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    out.write("\n]}\n");
    out.close();
  }
}
