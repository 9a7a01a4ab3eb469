package stallcast.coordinator.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.worker.shard.OutcomeBlock;

/**
 * What an interrupted run left is found, checked and finished, with the bytes of an undisturbed.
 */
class ResumeTest {
  private static final int SHARD = 50;
  private static final List<OutcomeBlock> BLOCKS = TestRun.FLEET.blocks(TestRun.HOSTS, SHARD);

  @TempDir Path folder;
  private Path run;

  @BeforeEach
  void name() {
    run = folder.resolve("run");
  }

  private RunFolder at() {
    return RunFolder.at(TestRun.uri(run));
  }

  /** Stores the shards of the first and the last hosts and goes away. */
  private void interrupt(int first, int last) {
    try (RunOutput output = TestRun.open(at(), SHARD)) {
      for (int i = 0; i < BLOCKS.size(); i++) {
        if (i < first || i >= BLOCKS.size() - last) {
          TestRun.accept(output, BLOCKS.get(i), SHARD);
        }
      }
    }
  }

  private static ClaimedRun take(RunFolder folder) {
    return ClaimedRun.takeOver(folder, false, Optional.empty(), stored -> {}).orElseThrow();
  }

  /** Finishes it; what is done already must not come again. */
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

  private static Map<String, byte[]> files(Path run) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> tree = Files.walk(run)) {
      for (Path path : tree.filter(Files::isRegularFile).toList()) {
        String name = run.relativize(path).toString();
        if (!name.equals("_manifest.json") && !name.startsWith("shards")) {
          files.put(name, Files.readAllBytes(path));
        }
      }
    }
    return files;
  }

  private void assertAsUndisturbed() throws IOException {
    Path undisturbed = folder.resolve("undisturbed");
    if (!Files.exists(undisturbed)) {
      TestRun.write(undisturbed, BLOCKS);
    }
    Map<String, byte[]> expected = files(undisturbed);
    Map<String, byte[]> actual = files(run);
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, bytes) -> assertArrayEquals(bytes, actual.get(name), name));
    assertEquals(
        new DatasetReader(undisturbed.toUri()).manifest().reproducibleText(),
        new DatasetReader(run.toUri()).manifest().reproducibleText());
  }

  private Path work(int owner, String name) {
    return run.resolve("_work").resolve(RunFolder.ownerName(owner)).resolve(name);
  }

  @Test
  void storedShardsAreNotRunAgain() throws IOException {
    interrupt(8, 3);
    ClaimedRun claimed = take(at());
    BitSet expected = new BitSet();
    expected.set(0, 8);
    expected.set(17, 20);
    assertEquals(expected, claimed.done());
    assertEquals(TestRun.description().runId(), claimed.record().run().runId());
    assertEquals(TestRun.FLEET.spec(), claimed.record().run().spec());
    finish(claimed);
    assertAsUndisturbed();
  }

  @Test
  void aTornRecordCostsItsShardOnly() throws IOException {
    interrupt(8, 0);
    Path journal = work(1, "blocks-0001-000000.journal");
    byte[] bytes = Files.readAllBytes(journal);
    Files.write(journal, java.util.Arrays.copyOf(bytes, bytes.length - 7));
    ClaimedRun claimed = take(at());
    assertEquals(7, claimed.done().cardinality());
    assertEquals(1, claimed.damagedRecords());
    finish(claimed);
    assertAsUndisturbed();
  }

  @Test
  void anyFlippedBitCostsNoMoreThanTime() throws IOException {
    interrupt(4, 0);
    byte[] bytes = Files.readAllBytes(work(1, "blocks-0001-000000.journal"));
    int owner = 1;
    for (int at = 0; at < bytes.length; at += 1 + bytes.length / 40) {
      byte[] flipped = bytes.clone();
      flipped[at] ^= 0x10;
      Files.write(work(owner, "blocks-0001-000000.journal"), flipped);
      owner++;
      try (ClaimedRun claimed = take(at())) {
        assertTrue(claimed.done().cardinality() < 4, "byte " + at);
        assertEquals(1, claimed.damagedRecords(), "byte " + at);
      }
    }
    finish(take(at()));
    assertAsUndisturbed();
  }

  @Test
  void aDamagedPartIsReplaced() throws IOException {
    interrupt(8, 0); // 400 hosts, parts of 300
    Path part = run.resolve("outcomes/arm=base/part-0000000000-0000000299.parquet");
    Files.write(part, new byte[] {1, 2, 3});
    finish(take(at()));
    assertAsUndisturbed();
  }

  @Test
  void aStrangersFileIsNamedAndNotTakenIn() throws IOException {
    interrupt(8, 0);
    Path copy = run.resolve("outcomes/arm=base/copy.parquet");
    Files.write(copy, new byte[] {1, 2, 3});
    StoreException refusal = assertThrows(StoreException.class, () -> finish(take(at())));
    assertTrue(refusal.getMessage().contains("copy.parquet is no part"), refusal.getMessage());
    Files.delete(copy);
    finish(take(at()));
    assertAsUndisturbed();
  }

  @Test
  void whileItsOwnerLivesARunIsRefused() throws IOException {
    try (RunOutput output = TestRun.open(at(), SHARD)) {
      TestRun.accept(output, BLOCKS.get(0), SHARD);
      StoreException refusal = assertThrows(StoreException.class, () -> take(at()));
      assertEquals(StoreException.Reason.FOLDER, refusal.reason());
      assertTrue(refusal.getMessage().contains("is at work"), refusal.getMessage());
      TestRun.accept(output, BLOCKS.get(1), SHARD);
    }
    finish(take(at()));
    assertAsUndisturbed();
  }

  /** As after a pause: two processes believe that the run is theirs. */
  @Test
  void aFormerOwnerCanPublishNothing() throws IOException {
    LocalRunFolder former = new LocalRunFolder(TestRun.uri(run));
    RunOutput zombie = TestRun.open(former, SHARD);
    for (OutcomeBlock block : BLOCKS.subList(0, BLOCKS.size() - 1)) {
      TestRun.accept(zombie, block, SHARD);
    }
    former.close(); // as if in another process: the lock of this one would be in the way
    ClaimedRun claimed =
        ClaimedRun.takeOver(at(), true, Optional.empty(), stored -> {}).orElseThrow();
    assertFalse(former.isOurs());
    StoreException refused =
        assertThrows(
            StoreException.class,
            () -> {
              TestRun.accept(zombie, BLOCKS.get(BLOCKS.size() - 1), SHARD);
              zombie.finish(TestRun.estimates(BLOCKS), TestRun.execution());
            });
    assertTrue(refused.getMessage().contains("taken the run over"), refused.getMessage());
    assertFalse(Files.exists(run.resolve("_SUCCESS")));
    finish(claimed);
    zombie.close();
    assertAsUndisturbed();
  }

  @Test
  void ofTwoThatTakeOverAtOnceOneIsLeft() throws Exception {
    interrupt(3, 0);
    for (int i = 0; i < 100; i++) {
      List<RunFolder> two = List.of(at(), at());
      CountDownLatch both = new CountDownLatch(2);
      List<CompletableFuture<Void>> takers = new ArrayList<>();
      for (RunFolder taker : two) {
        takers.add(CompletableFuture.runAsync(() -> takeAtOnce(taker, both)));
      }
      for (CompletableFuture<Void> taker : takers) {
        taker.get(60, TimeUnit.SECONDS);
      }
      assertTrue(two.get(0).isOurs() ^ two.get(1).isOurs(), "round " + i);
    }
  }

  private static void takeAtOnce(RunFolder folder, CountDownLatch both) {
    both.countDown();
    try {
      both.await();
      folder.takeOver();
    } catch (IOException expected) {
      return; // the other one was quicker
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aRunThatHasStoredNothingIsBegunAgain() throws IOException {
    at().claim();
    try (RunFolder claimed = at()) {
      assertThrows(StoreException.class, () -> take(claimed)); // its owner lives
    }
    Path other = folder.resolve("other");
    Files.createDirectory(other);
    Files.createFile(other.resolve("_manifest.json.lock"));
    RunFolder left = RunFolder.at(TestRun.uri(other));
    StoreException nothing = assertThrows(StoreException.class, () -> take(left));
    assertTrue(nothing.getMessage().contains("--resume"), nothing.getMessage());
    run = other;
    Optional<RunRecord> fresh = Optional.of(TestRun.record(SHARD));
    finish(ClaimedRun.takeOver(at(), false, fresh, stored -> {}).orElseThrow());
    assertAsUndisturbed();
  }

  @Test
  void anotherBuildIsRefusedByName() throws IOException {
    interrupt(3, 0);
    Path record = work(1, "run.json");
    String text = Files.readString(record);
    Files.writeString(record, text.replaceFirst("\"kernel\": \"..", "\"kernel\": \"xx"));
    StoreException refusal = assertThrows(StoreException.class, () -> take(at()));
    assertTrue(refusal.getMessage().contains("only the same build"), refusal.getMessage());
    assertTrue(Files.exists(record), "a refused run is left alone");
  }

  @Test
  void differencesToAnotherRunAreAllNamed() {
    RunDescription run = TestRun.description();
    RunDescription other =
        new RunDescription(
            run.spec(),
            "name: other\n",
            run.assumptions(),
            "base",
            Map.of(),
            "0.2.0-test",
            run.streamScheme());
    List<String> lines = TestRun.record(SHARD).differencesTo(other);
    assertEquals(3, lines.size(), lines::toString);
    assertTrue(lines.get(0).startsWith("scenario: \"name: made-up"), lines.get(0));
    assertTrue(lines.get(2).startsWith("software_version: \"0.1.0-test\" there"), lines.get(2));
    assertEquals(List.of(), TestRun.record(SHARD).differencesTo(run));
  }

  @Test
  void aCompleteRunIsOnlyTidiedUp() throws IOException {
    TestRun.write(run, BLOCKS);
    Files.createDirectories(work(1, ""));
    Files.createFile(run.resolve("_manifest.json.lock"));
    assertTrue(ClaimedRun.takeOver(at(), false, Optional.empty(), stored -> {}).isEmpty());
    assertAsUndisturbed();
  }
}
