package stallcast.coordinator.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.coordinator.cli.ExitCode;
import stallcast.coordinator.cli.InProcess;
import stallcast.coordinator.cli.InProcess.Printed;

/** {@code stallcast host --trace}: what a trace viewer finds in the file. Times in us. */
class TimelineTraceTest {
  private static final Path EPISODE = Path.of("src/test/resources/fleets/episode.yaml");
  private static final Path STORM = Path.of("..", "configs", "softirq-lockup-reproducer.yaml");
  private static final double US = 1e-3;

  @TempDir Path folder;

  private List<JsonObject> trace(Object... args) throws IOException {
    Path file = folder.resolve("trace.json");
    Object[] words = new Object[args.length + 3];
    words[0] = "host";
    System.arraycopy(args, 0, words, 1, args.length);
    words[args.length + 1] = "--trace";
    words[args.length + 2] = file;
    Printed printed = InProcess.run(words);
    assertEquals(ExitCode.DONE, printed.exitCode(), printed.err());
    JsonObject root = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    return StreamSupport.stream(root.getAsJsonArray("traceEvents").spliterator(), false)
        .map(JsonElement::getAsJsonObject)
        .toList();
  }

  private static List<JsonObject> named(List<JsonObject> events, String phase, String name) {
    return events.stream()
        .filter(e -> e.get("ph").getAsString().equals(phase))
        .filter(e -> e.get("name").getAsString().equals(name))
        .toList();
  }

  private static double at(JsonObject event) {
    return event.get("ts").getAsDouble();
  }

  @Test
  void throttleEpisodeIsASpanWithItsCounterAndReports() throws IOException {
    List<JsonObject> events = trace(EPISODE, "--host", 1);
    String span = "CPU 000 rt throttled, group 0";
    assertEquals(35_010_000, at(named(events, "b", span).get(0)), US);
    assertEquals(36_000_000, at(named(events, "e", span).get(0)), US);
    assertEquals(10_010_000, at(named(events, "b", "pause").get(0)), US);
    assertEquals(35_010_000, at(named(events, "e", "pause").get(0)), US);
    JsonObject rtTime = named(events, "C", "CPU 000 rt_time").get(0);
    assertEquals(25_010, rtTime.getAsJsonObject("args").get("ms").getAsDouble(), US);
    JsonObject report =
        named(events, "i", "BUG: soft lockup - CPU#0 stuck for 24s! [sensor]").get(0);
    assertEquals(35_010_000, at(report), US);
    assertTrue(named(events, "M", "thread_name").toString().contains("CPU 000 softirq"));
  }

  @Test
  void slicesOfATrackNeverOverlap() throws IOException {
    List<JsonObject> events = trace(EPISODE, "--host", 1, "--cpu", "all");
    for (int cpu = 0; cpu < 2; cpu++) {
      int track = 3 * cpu + 1;
      double endUs = 0;
      int slices = 0;
      for (JsonObject event : events) {
        if (event.get("ph").getAsString().equals("X") && event.get("tid").getAsInt() == track) {
          assertTrue(at(event) >= endUs - US, event + " begins before " + endUs);
          endUs = at(event) + event.get("dur").getAsDouble();
          slices++;
        }
      }
      assertTrue(slices > 0, "CPU " + cpu);
    }
  }

  @Test
  void stormShowsLongBatchesAndTheWalkersRate() throws IOException {
    List<JsonObject> events = trace(STORM, "--host", 0, "--set", "horizon=41s", "--cpu", "47");
    double longestUs =
        named(events, "X", "TASKLET").stream()
            .mapToDouble(e -> e.get("dur").getAsDouble())
            .max()
            .orElseThrow();
    assertTrue(longestUs > 1e6, longestUs + " us");
    double mostPerSecond =
        named(events, "C", "CPU 047 push walker interrupts").stream()
            .mapToDouble(e -> e.getAsJsonObject("args").get("per second").getAsDouble())
            .max()
            .orElseThrow();
    // softirq-lockup 5: about 1.1e5 visits of each of two targets a second.
    assertEquals(1.1e5, mostPerSecond, 0.1e5);
    assertTrue(named(events, "C", "CPU 095 push walker interrupts").isEmpty());
  }

  @Test
  void fileThatCannotBeWrittenIsBadInput() {
    Path nowhere = folder.resolve("missing").resolve("trace.json");
    Printed printed = InProcess.run("host", EPISODE, "--host", 1, "--trace", nowhere);
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode());
    assertTrue(printed.err().startsWith("stallcast: --trace " + nowhere), printed.err());
  }
}
