package stallcast.coordinator.store;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import stallcast.kernel.scenario.IncidentKind;

/** Adds up the tables of a dataset, file by file in order, and compares what must agree. */
final class TableSums {
  private static final String PROBABILITY = ".probability-per-host";
  private static final String CUT = "incident-limit"; // records of such a host are not all kept

  private final long hosts;
  private final BiConsumer<String, String> problems; // file, what
  private final Map<String, Long> simulated = new TreeMap<>(); // by kind: hosts with a count
  private final Map<String, Long> hit = new TreeMap<>(); // by kind: hosts with an incident
  private final Map<String, Long> counted = new TreeMap<>(); // by kind: sum of the counts
  private final Map<String, Long> recorded = new TreeMap<>(); // by kind: incident rows
  private final Map<String, List<Long>> estimates = new TreeMap<>(); // by kind: n and k
  private final Map<TableName, List<String>> schemas = new TreeMap<>();
  private boolean cut;
  private long nextHost;
  private long nextShardHost;
  private TableName table;
  private String file;
  private long firstInFile;
  private long lastIncidentHost;
  private boolean disordered; // one line per file is enough

  /**
   * Empty sums.
   *
   * @param hosts hosts of the fleet
   * @param problems told the file and what is wrong
   */
  TableSums(long hosts, BiConsumer<String, String> problems) {
    this.hosts = hosts;
    this.problems = problems;
  }

  void begin(TableName of, String path) {
    table = of;
    file = path;
    firstInFile = nextHost;
    lastIncidentHost = -1;
    disordered = false;
  }

  void add(DatasetRow row) {
    if (!Objects.equals(schemas.computeIfAbsent(table, t -> row.columns()), row.columns())) {
      disorder("has other columns than the files before");
    }
    switch (table) {
      case OUTCOMES -> addOutcome(row);
      case INCIDENTS -> addIncident(row);
      case ESTIMATES -> addEstimate(row);
      case SHARDS -> addShard(row);
    }
  }

  private void disorder(String what) {
    if (!disordered) {
      disordered = true;
      problems.accept(file, what);
    }
  }

  private void addOutcome(DatasetRow row) {
    long host = row.whole("host_index").orElse(-1);
    if (host != nextHost) {
      disorder("has host " + host + " where host " + nextHost + " must be");
    }
    nextHost = host + 1;
    cut |= row.text("end_reason").equals(Optional.of(CUT));
    for (IncidentKind kind : IncidentKind.values()) {
      row.whole(kind.column() + "_count")
          .ifPresent(
              count -> {
                simulated.merge(kind.key(), 1L, Long::sum);
                hit.merge(kind.key(), count > 0 ? 1L : 0L, Long::sum);
                counted.merge(kind.key(), count, Long::sum);
              });
    }
  }

  private void addIncident(DatasetRow row) {
    long host = row.whole("host_index").orElse(-1);
    if (host < lastIncidentHost || host < 0 || host >= hosts) {
      disorder("has an incident of host " + host + " after one of host " + lastIncidentHost);
    }
    lastIncidentHost = host;
    recorded.merge(row.text("kind").orElse("null"), 1L, Long::sum);
  }

  private void addEstimate(DatasetRow row) {
    String metric = row.text("metric").orElse("");
    boolean whole = row.text("stratum").equals(Optional.of("FLEET"));
    if (whole && metric.endsWith(PROBABILITY)) {
      String kind = metric.substring(0, metric.length() - PROBABILITY.length());
      estimates.put(
          kind, List.of(row.whole("n_hosts").orElse(-1), row.whole("n_events").orElse(-1)));
    }
  }

  private void addShard(DatasetRow row) {
    long first = row.whole("first_host").orElse(-1);
    if (first != nextShardHost) {
      disorder("has a shard from host " + first + " where one from " + nextShardHost + " must be");
    }
    nextShardHost = first + row.whole("hosts").orElse(0);
  }

  /** Ends a file: what its name says of outcomes must be in it. */
  void end() {
    String range = "part-%010d-%010d.parquet".formatted(firstInFile, nextHost - 1);
    if (table == TableName.OUTCOMES && !file.endsWith(range)) {
      disorder("holds hosts " + firstInFile + " to " + (nextHost - 1));
    }
  }

  /** Compares the tables, once all files are added. */
  void compare() {
    if (nextHost != hosts) {
      problems.accept("", "outcomes end before host " + nextHost + ", the fleet has " + hosts);
    }
    if (nextShardHost != hosts) {
      problems.accept("", "shards end before host " + nextShardHost + ", not " + hosts);
    }
    estimates.forEach(
        (kind, stored) -> {
          List<Long> sums = List.of(sum(simulated, kind), sum(hit, kind));
          if (!stored.equals(sums)) {
            problems.accept(
                "", kind + ": estimates say n and k are " + stored + ", outcomes say " + sums);
          }
        });
    for (IncidentKind kind : IncidentKind.values()) {
      long count = sum(counted, kind.key());
      long kept = sum(recorded, kind.key());
      if (!cut && kind.isIncident() && kept != count) { // other kinds are counted only
        problems.accept(
            "",
            kind.key()
                + ": outcomes count "
                + count
                + " incidents, the table of incidents has "
                + kept);
      }
    }
  }

  private static long sum(Map<String, Long> sums, String kind) {
    return sums.getOrDefault(kind, 0L);
  }
}
