package stallcast.coordinator.store;

import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import stallcast.coordinator.aggregate.EstimateRow;
import stallcast.coordinator.aggregate.EstimateTable;
import stallcast.coordinator.aggregate.IncidentTally;
import stallcast.coordinator.fleet.MadeUpFleet;
import stallcast.coordinator.plan.ShardPlan;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.worker.protocol.WireCodec;
import stallcast.worker.shard.OutcomeBlock;

/** Writes runs of a made-up fleet. */
final class TestRun {
  static final int HOSTS = 1000;
  static final MadeUpFleet FLEET = new MadeUpFleet(HOSTS);

  /** Small enough that a test has several parts and spills. */
  static final OutcomeWriter.Limits SMALL = new OutcomeWriter.Limits(300, 100);

  private TestRun() {}

  static RunDescription description() {
    return description(FLEET.spec());
  }

  static RunDescription description(ScenarioSpec spec) {
    return new RunDescription(
        spec,
        "name: made-up\n",
        List.of(
            new Assumption("tasks", "B", "four tasks", "a paper"),
            new Assumption("migrations", "C", "2/day", "nobody knows")),
        RunDescription.BASE_ARM,
        Map.of(),
        "0.1.0-test",
        "philox4x64-10/1");
  }

  static Execution execution() {
    Instant now = Instant.now();
    return new Execution(
        List.of("run", "made-up.yaml"), 100, 10, now.minusSeconds(9), now, "complete", List.of());
  }

  static List<EstimateRow> estimates(List<OutcomeBlock> blocks) {
    IncidentTally tally = new IncidentTally(FLEET.spec());
    blocks.forEach(tally::fold);
    return new EstimateTable(FLEET.spec(), description().identity()).rows(tally, "planned-hosts");
  }

  static RunRecord record(int shardHosts) {
    ShardPlan plan = ShardPlan.ofSize(HOSTS, shardHosts);
    return new RunRecord(description(), plan, List.of("run", "made-up.yaml"), Instant.now());
  }

  /** A new run of shards of one size. */
  static RunOutput open(RunFolder folder, int shardHosts) {
    return output(ClaimedRun.start(folder, record(shardHosts)));
  }

  static RunOutput output(ClaimedRun claimed) {
    return new RunOutput(claimed, SMALL, block -> {});
  }

  /** A shard of a run of shards of one size. */
  static void accept(RunOutput output, OutcomeBlock block, int shardHosts) {
    int id = Math.toIntExact(block.firstHost() / shardHosts);
    byte[] packed = WireCodec.pack(block).bytes();
    output.accept(ShardRecord.of(id, block, 1, "worker-7", 5_000_000, 1234), block, packed);
  }

  /** Writes shards of one size in the given order and completes the run. */
  static RunManifest write(RunFolder folder, List<OutcomeBlock> blocks) {
    int shardHosts = blocks.stream().mapToInt(OutcomeBlock::rows).max().orElseThrow();
    try (RunOutput output = open(folder, shardHosts)) {
      blocks.forEach(block -> accept(output, block, shardHosts));
      return output.finish(estimates(blocks), execution());
    }
  }

  static RunManifest write(Path folder, List<OutcomeBlock> blocks) {
    return write(RunFolder.at(uri(folder)), blocks);
  }

  static URI uri(Path folder) {
    return URI.create(folder.toString());
  }
}
