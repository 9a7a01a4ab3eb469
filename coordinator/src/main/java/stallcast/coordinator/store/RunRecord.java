package stallcast.coordinator.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import stallcast.coordinator.plan.ShardPlan;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.worker.protocol.CodeIdentity;
import stallcast.worker.protocol.RefusedBytesException;
import stallcast.worker.protocol.WireCodec;

/**
 * What an unfinished run needs to be finished by another process: stored before its first row. The
 * encoded scenario holds recordings too, so that no other file is needed. Both can be read by the
 * build that wrote them only, and no other could give the same bytes anyway.
 *
 * @param run everything that decides the rows
 * @param plan the fleet in shards, the same for every process that works on the run
 * @param commandLine what the user typed at first
 * @param started when the run was started
 */
public record RunRecord(
    RunDescription run, ShardPlan plan, List<String> commandLine, Instant started) {
  private static final String FILE = "run.json";
  private static final String OWNER = "owner.txt";
  private static final String SCENARIO = "scenario.bin";
  private static final int SHOWN_MAX = 60; // characters of a value in a message

  /** Copies the list. */
  public RunRecord {
    commandLine = List.copyOf(commandLine);
  }

  /** Stores it in the owner's folder. */
  void write(RunFolder folder) throws IOException {
    byte[] scenario = WireCodec.pack(run.spec()).bytes();
    Map<String, Object> map = new TreeMap<>();
    map.put("run", run.canonical());
    map.put("hosts_per_shard", plan.shardHosts());
    map.put("command_line", commandLine);
    map.put("started", started.toString());
    map.put("build", build());
    map.put("scenario_sha256", sha256(scenario));
    String own = folder.ownerFolder();
    folder.write(own + "/" + SCENARIO, scenario);
    folder.write(own + "/" + FILE, CanonicalJson.page(map).getBytes(StandardCharsets.UTF_8));
  }

  /** Whether an owner got as far as storing it. */
  static boolean isIn(RunFolder folder) throws IOException {
    return folder.list(folder.ownerFolder()).contains(FILE);
  }

  /**
   * Reads what the last owner stored.
   *
   * @throws StoreException with {@link StoreException.Reason#FOLDER} if another build stored it
   */
  static RunRecord read(RunFolder folder) throws IOException {
    String path = folder.ownerFolder() + "/" + FILE;
    try {
      String text = new String(folder.read(path), StandardCharsets.UTF_8);
      Map<String, Object> map = CanonicalJson.parse(text);
      refuseOtherBuild(folder, (Map<?, ?>) map.get("build"));
      byte[] scenario = folder.read(folder.ownerFolder() + "/" + SCENARIO);
      if (!sha256(scenario).equals(map.get("scenario_sha256"))) {
        throw new IllegalArgumentException(SCENARIO + " is damaged");
      }
      ScenarioSpec spec = WireCodec.unpackSpec(scenario);
      RunDescription run = RunDescription.of((Map<?, ?>) map.get("run"), spec);
      int shardHosts = Math.toIntExact((Long) map.get("hosts_per_shard"));
      return new RunRecord(
          run,
          ShardPlan.ofSize(spec.hosts(), shardHosts),
          ((List<?>) map.get("command_line")).stream().map(Object::toString).toList(),
          Instant.parse((String) map.get("started")));
    } catch (IllegalArgumentException
        | ClassCastException
        | NullPointerException
        | RefusedBytesException e) {
      throw StoreException.damaged(folder.uri() + "/" + path, e);
    }
  }

  private static Map<String, Object> build() {
    CodeIdentity code = CodeIdentity.current();
    return Map.of("kernel", code.kernel(), "scheme", code.scheme(), "name", code.build());
  }

  private static void refuseOtherBuild(RunFolder folder, Map<?, ?> stored) {
    Map<String, Object> own = build();
    if (!own.equals(stored)) {
      throw new StoreException(
          StoreException.Reason.FOLDER,
          folder.uri()
              + " was begun by the build "
              + stored.get("name")
              + ", this is "
              + own.get("name")
              + (own.get("name").equals(stored.get("name")) ? " with other code" : "")
              + "; only the same build can finish it with the same bytes");
    }
  }

  /**
   * Why another run cannot go on with what this one has stored.
   *
   * @return every difference, one line each; empty if there is none
   */
  public List<String> differencesTo(RunDescription other) {
    Map<String, Object> mine = run.canonical();
    Map<String, Object> others = other.canonical();
    TreeSet<String> names = new TreeSet<>(mine.keySet());
    names.addAll(others.keySet());
    List<String> lines = new ArrayList<>();
    for (String name : names) {
      String left = shown(mine.get(name));
      String right = shown(others.get(name));
      if (!CanonicalJson.line(mine).equals(CanonicalJson.line(others)) && !left.equals(right)) {
        lines.add(name + ": " + apart(left, right) + " there, " + apart(right, left) + " here");
      }
    }
    return lines;
  }

  private static String shown(Object value) {
    return value == null ? "nothing" : CanonicalJson.line(value);
  }

  /** The part of a text from a little before where another one differs. */
  private static String apart(String text, String other) {
    int same = 0;
    while (same < Math.min(text.length(), other.length())
        && text.charAt(same) == other.charAt(same)) {
      same++;
    }
    int from = text.length() <= SHOWN_MAX ? 0 : Math.max(0, same - SHOWN_MAX / 2);
    int to = Math.min(text.length(), from + SHOWN_MAX);
    return (from > 0 ? "..." : "") + text.substring(from, to) + (to < text.length() ? "..." : "");
  }

  private static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(TableFile.sha256().digest(bytes));
  }

  /** Stores who the owner is, for others who want the run. */
  static void signed(RunFolder folder, String owner) throws IOException {
    folder.write(folder.ownerFolder() + "/" + OWNER, owner.getBytes(StandardCharsets.UTF_8));
  }

  /** Who the last owner is. */
  static String owner(RunFolder folder) {
    try {
      return new String(folder.read(folder.ownerFolder() + "/" + OWNER), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "another process"; // that has not got far, or is just about to end
    }
  }
}
