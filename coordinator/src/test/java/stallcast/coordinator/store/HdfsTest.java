package stallcast.coordinator.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.worker.shard.OutcomeBlock;

/** The commit protocol on a real HDFS of one name node and one data node in this process. */
class HdfsTest {
  private static final int SHARD = 50;
  private static final List<OutcomeBlock> BLOCKS = TestRun.FLEET.blocks(TestRun.HOSTS, SHARD);

  @TempDir static Path folder;
  private static MiniDFSCluster cluster;

  @BeforeAll
  static void start() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    cluster.waitActive();
  }

  @AfterAll
  static void stop() {
    cluster.shutdown(true);
  }

  private static URI uri(String run) {
    return URI.create(cluster.getURI() + "/runs/" + run);
  }

  /** A client of its own, as another process would have. */
  private static HadoopRunFolder client(String run) {
    Configuration configuration = new Configuration();
    configuration.setBoolean("fs.hdfs.impl.disable.cache", true);
    return new HadoopRunFolder(uri(run), configuration);
  }

  private static RunOutput begun(HadoopRunFolder folder, int shards) {
    RunOutput output = TestRun.open(folder, SHARD);
    BLOCKS.subList(0, shards).forEach(block -> TestRun.accept(output, block, SHARD));
    return output;
  }

  private static ClaimedRun take(HadoopRunFolder folder, boolean force) {
    return ClaimedRun.takeOver(folder, force, Optional.empty(), stored -> {}).orElseThrow();
  }

  private static void finish(ClaimedRun claimed) {
    try (RunOutput output = TestRun.output(claimed)) {
      output.replay();
      for (int i = 0; i < BLOCKS.size(); i++) {
        if (!claimed.done().get(i)) {
          TestRun.accept(output, BLOCKS.get(i), SHARD);
        }
      }
      output.finish(TestRun.estimates(BLOCKS), TestRun.execution());
    }
  }

  /** The manifest holds the hash of every file: equal text is equal bytes. */
  private static void assertAsOnLocalDisk(String run) throws IOException {
    Path local = folder.resolve(run + "-local");
    String expected = TestRun.write(local, BLOCKS).reproducibleText();
    DatasetReader reader = new DatasetReader(uri(run));
    assertEquals(expected, reader.manifest().reproducibleText());
    assertTrue(reader.isComplete());
    for (StoredFile file : reader.manifest().files()) {
      assertEquals(file.sha256(), FileDigest.of(client(run), file.path()).sha256(), file.path());
    }
    assertEquals(
        List.of("_SUCCESS", "_manifest.json", "estimates", "incidents", "outcomes", "shards"),
        client(run).list(""));
  }

  @Test
  void bytesAreThoseOfALocalRun() throws IOException {
    try (RunOutput output = begun(client("plain"), BLOCKS.size())) {
      output.finish(TestRun.estimates(BLOCKS), TestRun.execution());
    }
    assertAsOnLocalDisk("plain");
  }

  @Test
  void aRunThatWasLeftIsFinished() throws IOException {
    begun(client("left"), 7).close();
    ClaimedRun claimed = take(client("left"), false);
    assertEquals(7, claimed.done().cardinality());
    finish(claimed);
    assertAsOnLocalDisk("left");
  }

  /** The former owner neither lets go nor is dead: its client renews its lease all the time. */
  @Test
  void aSilentOwnerIsShutOut() throws IOException {
    RunOutput silent = begun(client("silent"), BLOCKS.size());
    StoreException refused =
        assertThrows(
            StoreException.class, () -> ClaimedRun.start(uri("silent"), TestRun.record(SHARD)));
    assertTrue(refused.getMessage().contains("under way"), refused.getMessage());
    assertFalse(client("silent").lock(false));

    ClaimedRun claimed = take(client("silent"), true);
    StoreException late =
        assertThrows(
            StoreException.class,
            () -> silent.finish(TestRun.estimates(BLOCKS), TestRun.execution()));
    assertTrue(late.getMessage().contains("taken the run over"), late.getMessage());
    assertFalse(new DatasetReader(uri("silent")).isComplete());
    finish(claimed);
    silent.close();
    assertAsOnLocalDisk("silent");
  }

  /** As after kill -9: the journal was never closed, and nobody renews the lease. */
  @Test
  void whatWasFlushedBeforeAKillIsThere() throws IOException {
    HadoopRunFolder killed = client("killed");
    RunOutput output = begun(killed, 7);
    output.flush();
    ClaimedRun claimed = take(client("killed"), true);
    assertEquals(7, claimed.done().cardinality());
    finish(claimed);
    output.close();
    assertAsOnLocalDisk("killed");
  }

  @Test
  void onlyOneOfTwoClaimsWins() throws IOException {
    client("twice").claim();
    assertThrows(
        org.apache.hadoop.fs.FileAlreadyExistsException.class, () -> client("twice").claim());
  }

  @Test
  void anUnreachableStoreIsAClearError() throws IOException {
    try (FileSystem files = FileSystem.newInstance(cluster.getURI(), new Configuration())) {
      assertTrue(files.exists(new org.apache.hadoop.fs.Path("/")));
    }
    Configuration impatient = new Configuration();
    impatient.setInt("ipc.client.connect.max.retries", 0);
    HadoopRunFolder nowhere = new HadoopRunFolder(URI.create("hdfs://127.0.0.1:1/x"), impatient);
    StoreException failure =
        assertThrows(StoreException.class, () -> ClaimedRun.start(nowhere, TestRun.record(SHARD)));
    assertTrue(failure.getMessage().contains("hdfs://127.0.0.1:1/x"), failure.getMessage());
  }
}
