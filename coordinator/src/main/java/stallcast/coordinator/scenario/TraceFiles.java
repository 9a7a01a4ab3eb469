package stallcast.coordinator.scenario;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import stallcast.coordinator.scenario.yaml.Field;
import stallcast.coordinator.scenario.yaml.Position;
import stallcast.coordinator.scenario.yaml.SourceException;
import stallcast.coordinator.scenario.yaml.SourceNode;
import stallcast.coordinator.scenario.yaml.SourceNode.ListNode;
import stallcast.coordinator.scenario.yaml.SourceNode.MapNode;
import stallcast.coordinator.scenario.yaml.SourceNode.ScalarNode;
import stallcast.coordinator.scenario.yaml.SourceText;

/**
 * The recordings that one scenario names, each read once. Their content is part of the scenario:
 * its canonical text holds the digest of every file, so that a changed file gives another run.
 */
final class TraceFiles {
  private static final int BYTES_MAX = 64 << 20;
  private static final String TRACE = "trace";
  private static final String SHA256 = "sha256";

  private final Path folder;
  private final Map<String, Reading> readings = new HashMap<>();

  /**
   * The recordings of a scenario.
   *
   * @param folder where relative names start
   */
  TraceFiles(Path folder) {
    this.folder = folder;
  }

  /**
   * What a file gave.
   *
   * @param gapsNs gap before each arrival, ns; empty if there is a fault
   * @param sha256 digest of the file in hex; empty if it could not be read
   * @param fault what is wrong, at a line of the file, or without a line
   */
  record Reading(double[] gapsNs, String sha256, Optional<SourceException> fault) {}

  /** Reads a file. */
  Reading read(String name) {
    return readings.computeIfAbsent(name, this::readNow);
  }

  private Reading readNow(String name) {
    String sha256 = "";
    try {
      Path path = folder.resolve(name);
      byte[] bytes = SourceText.bytes(path, "a trace", BYTES_MAX, "is longer than 64 MiB");
      sha256 = HexFormat.of().formatHex(digest(bytes));
      return new Reading(TraceCsv.gapsNs(bytes, path.toString()), sha256, Optional.empty());
    } catch (SourceException e) {
      return new Reading(new double[0], sha256, Optional.of(e));
    } catch (InvalidPathException e) {
      SourceException fault = new SourceException(Position.of(name), "is not the name of a file");
      return new Reading(new double[0], sha256, Optional.of(fault));
    }
  }

  private static byte[] digest(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** A scenario in which every trace that can be read has its digest beside it. */
  Field pinned(Field scenario) {
    Field common = changed(scenario, "host", this::pinnedHost);
    return changed(
        common, "strata", list -> items(list, item -> changed(item, "host", this::pinnedHost)));
  }

  private Field pinnedHost(Field host) {
    return changed(
        host,
        "softirq",
        list -> items(list, source -> changed(source, "arrivals", this::pinnedArrivals)));
  }

  private Field pinnedArrivals(Field arrivals) {
    if (!(arrivals.value() instanceof MapNode map) || map.find(SHA256).isPresent()) {
      return arrivals;
    }
    Optional<Field> trace = map.find(TRACE);
    if (trace.isEmpty() || !(trace.get().value() instanceof ScalarNode name)) {
      return arrivals;
    }
    String sha256 = read(name.text()).sha256();
    if (sha256.isEmpty()) {
      return arrivals; // the reader of arrivals says why
    }
    SourceNode text = new ScalarNode(ScalarNode.Kind.TEXT, sha256);
    Field digest = new Field(trace.get().position(), arrivals.pathOf(SHA256), text);
    return with(arrivals, map.with(SHA256, digest));
  }

  /** A map with the value of one key changed; anything else as it is. */
  private static Field changed(Field at, String key, UnaryOperator<Field> change) {
    if (!(at.value() instanceof MapNode map) || map.find(key).isEmpty()) {
      return at;
    }
    return with(at, map.with(key, change.apply(map.find(key).orElseThrow())));
  }

  /** A list with every item changed; anything else as it is. */
  private static Field items(Field at, UnaryOperator<Field> change) {
    return at.value() instanceof ListNode list
        ? with(at, new ListNode(list.items().stream().map(change).toList()))
        : at;
  }

  private static Field with(Field at, SourceNode value) {
    return new Field(at.position(), at.path(), value);
  }
}
