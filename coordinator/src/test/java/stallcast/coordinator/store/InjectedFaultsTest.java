package stallcast.coordinator.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import stallcast.coordinator.store.InjectedFaults.Step;
import stallcast.worker.shard.OutcomeBlock;

/** A disk that is full before or after any step: a clear error, and a run that can be finished. */
class InjectedFaultsTest {
  private static final int SHARD = 50;
  private static final List<OutcomeBlock> BLOCKS = TestRun.FLEET.blocks(TestRun.HOSTS, SHARD);

  @TempDir Path folder;

  private RunFolder at(Path run, String faults) {
    return InjectedFaults.with(new LocalRunFolder(TestRun.uri(run)), faults);
  }

  @ParameterizedTest
  @EnumSource(Step.class)
  void everyStepMayFail(Step step) throws Exception {
    String expected = TestRun.write(folder.resolve("expected"), BLOCKS).reproducibleText();
    for (String when : List.of("before", "after")) {
      for (int time = 1; time <= 2; time++) {
        Path run = folder.resolve(when + time);
        boolean struck = strike(run, when + ":" + step + ":" + time + ":full");
        assertTrue(struck || time == 2, step + " was never reached");
        assertEquals(expected, new DatasetReader(run.toUri()).manifest().reproducibleText());
        assertTrue(Files.exists(run.resolve("_SUCCESS")));
        assertFalse(Files.exists(run.resolve("_work")));
        assertFalse(Files.exists(run.resolve("_manifest.json.lock")));
      }
    }
  }

  /** Runs with a fault, then goes on without; whether the fault struck. */
  private boolean strike(Path run, String faults) {
    Optional<RunRecord> fresh = Optional.of(TestRun.record(SHARD));
    boolean taking = faults.contains("LOCK") || faults.contains("TAKE_OVER");
    if (taking) {
      ClaimedRun.start(at(run, ""), fresh.orElseThrow()).close();
    }
    try {
      finish(
          taking
              ? ClaimedRun.takeOver(at(run, faults), false, fresh, r -> {}).orElseThrow()
              : ClaimedRun.start(at(run, faults), fresh.orElseThrow()));
      goOn(run, fresh); // a step after the commit may fail unseen; what it left is removed now
      return step(faults) == Step.RELEASE;
    } catch (StoreException e) {
      assertTrue(e.getMessage().contains("No space left on device"), e.getMessage());
      assertTrue(e.getMessage().contains(run.toString()), e.getMessage());
    }
    goOn(run, fresh);
    return true;
  }

  private static Step step(String faults) {
    return Step.valueOf(faults.split(":", -1)[1]);
  }

  private void goOn(Path run, Optional<RunRecord> fresh) {
    if (ClaimedRun.contentOf(TestRun.uri(run)) == ClaimedRun.Content.NOTHING) {
      finish(ClaimedRun.start(at(run, ""), fresh.orElseThrow()));
    } else {
      ClaimedRun.takeOver(at(run, ""), false, fresh, r -> {}).ifPresent(this::finish);
    }
  }

  private void finish(ClaimedRun claimed) {
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

  @Test
  void anUnknownStepIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> at(folder, "before:LUNCH:1:kill"));
  }
}
