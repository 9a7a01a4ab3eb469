package stallcast.coordinator.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.parquet.Version;

/**
 * {@code _manifest.json}: what was run, how, and every file with its rows, bytes and SHA-256. The
 * member {@code execution} and the file of the table {@code shards} differ between equal runs; all
 * else is the same to the byte.
 */
public final class RunManifest {
  /** Name of the file in the run's folder. */
  public static final String FILE = "_manifest.json";

  /** Version of the manifest; a reader refuses a newer one. */
  static final long VERSION = 1;

  private static final String CHECKSUM = "manifest_sha256";

  private final Map<String, Object> content;

  private RunManifest(Map<String, Object> content) {
    this.content = content;
  }

  static RunManifest of(RunDescription run, Execution execution, List<StoredFile> files) {
    List<StoredFile> sorted = new ArrayList<>(files);
    sorted.sort(Comparator.comparing(StoredFile::path));
    Map<String, Object> content = new TreeMap<>();
    content.put("manifest_version", VERSION);
    content.put("run", run.canonical());
    content.put("run_id", run.runId());
    content.put("execution", map(execution));
    content.put("files", sorted.stream().map(RunManifest::map).toList());
    content.put(CHECKSUM, checksum(content));
    return new RunManifest(content);
  }

  /** SHA-256 of a manifest without this very member. */
  private static String checksum(Map<String, Object> content) {
    Map<String, Object> rest = new TreeMap<>(content);
    rest.remove(CHECKSUM);
    byte[] text = CanonicalJson.line(rest).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(TableFile.sha256().digest(text));
  }

  /**
   * What is wrong with the manifest in itself: its checksum, and the hashes of run and scenario.
   *
   * @return one line each
   */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    if (!checksum(content).equals(content.get(CHECKSUM))) {
      problems.add("the manifest is not what was written: its checksum differs");
    }
    if (!RunDescription.runId(run()).equals(runId())) {
      problems.add("run_id is not the hash of the member 'run'");
    }
    String scenario = String.valueOf(run().get("scenario"));
    if (!RunDescription.scenarioHash(scenario).equals(run().get("scenario_hash"))) {
      problems.add("scenario_hash is not the hash of the scenario");
    }
    return problems;
  }

  /** Reads a manifest; refuses what a newer Stallcast wrote. */
  static RunManifest parse(String text, Object file) {
    Map<String, Object> content;
    try {
      content = CanonicalJson.parse(text);
    } catch (IllegalArgumentException e) {
      throw new StoreException(StoreException.Reason.CONTENT, file + ": " + e.getMessage());
    }
    if (!(content.get("manifest_version") instanceof Long version)) {
      throw new StoreException(StoreException.Reason.CONTENT, file + " has no manifest_version");
    }
    if (version > VERSION) {
      throw new StoreException(
          StoreException.Reason.CONTENT,
          file + " has version " + version + "; this Stallcast reads up to " + VERSION);
    }
    return new RunManifest(content);
  }

  /** Hash of the run's canonical description. */
  public String runId() {
    return (String) content.get("run_id");
  }

  /** The member {@code run}: scenario, assumptions, seed and versions. */
  public Map<?, ?> run() {
    return (Map<?, ?>) content.get("run");
  }

  /** The files, by path. */
  public List<StoredFile> files() {
    List<StoredFile> files = new ArrayList<>();
    for (Object entry : (List<?>) content.get("files")) {
      Map<?, ?> file = (Map<?, ?>) entry;
      files.add(
          new StoredFile(
              (String) file.get("path"),
              (String) file.get("table"),
              ((Number) file.get("rows")).longValue(),
              ((Number) file.get("bytes")).longValue(),
              (String) file.get("sha256")));
    }
    return files;
  }

  /** The whole manifest. */
  public String text() {
    return CanonicalJson.page(content);
  }

  /** The part that equal runs share. */
  public String reproducibleText() {
    Map<String, Object> shared = new TreeMap<>(content);
    shared.remove("execution");
    shared.remove(CHECKSUM);
    shared.put(
        "files",
        files().stream()
            .filter(f -> !f.table().equals(TableName.SHARDS.key()))
            .map(RunManifest::map)
            .toList());
    return CanonicalJson.page(shared);
  }

  private static Map<String, Object> map(StoredFile file) {
    return Map.of(
        "path", file.path(),
        "table", file.table(),
        "rows", file.rows(),
        "bytes", file.bytes(),
        "sha256", file.sha256());
  }

  private static Map<String, Object> map(Execution execution) {
    Map<String, Object> map = new TreeMap<>();
    map.put("command_line", execution.commandLine());
    map.put(
        "plan", Map.of("hosts_per_shard", execution.hostsPerShard(), "shards", execution.shards()));
    map.put("started", execution.started().toString());
    map.put("ended", execution.ended().toString());
    map.put("end_state", execution.endState());
    map.put("troubles", execution.troubles());
    map.put("jdk", Runtime.version().toString());
    map.put("parquet", Version.FULL_VERSION);
    return map;
  }
}
