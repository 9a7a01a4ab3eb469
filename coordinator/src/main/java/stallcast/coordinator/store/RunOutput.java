package stallcast.coordinator.store;

import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.parquet.ParquetRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stallcast.coordinator.aggregate.EstimateRow;
import stallcast.worker.shard.OutcomeBlock;

/**
 * The dataset of one run while it is written: {@code replay} what earlier owners stored, {@code
 * accept} every other shard in any order, {@code finish}. A reader sees a complete run or no {@code
 * _SUCCESS} (results-dataset.md section 8). Every failure is a {@link StoreException}; after one,
 * nothing more can be written, and the run can be resumed.
 *
 * <p>Not thread-safe.
 */
public final class RunOutput implements Closeable {
  /** The empty file that is written last. */
  public static final String SUCCESS = "_SUCCESS";

  private static final Logger LOG = LoggerFactory.getLogger(RunOutput.class);

  private final ClaimedRun claimed;
  private final RunFolder folder;
  private final OutcomeWriter outcomes;

  /**
   * The dataset of a run that this process owns.
   *
   * @param claimed the run; closed with this
   * @param rows gets the rows of every stored shard in host order, those of earlier owners first
   */
  public RunOutput(ClaimedRun claimed, Consumer<OutcomeBlock> rows) {
    this(claimed, OutcomeWriter.Limits.DEFAULT, rows);
  }

  RunOutput(ClaimedRun claimed, OutcomeWriter.Limits limits, Consumer<OutcomeBlock> rows) {
    this.claimed = claimed;
    folder = claimed.folder();
    outcomes = new OutcomeWriter(claimed, limits, rows);
  }

  /** Where the dataset is. */
  public URI uri() {
    return folder.uri();
  }

  /** Writes what earlier owners stored, as far as it is the begin of the fleet. */
  public void replay() {
    attempt(
        "read",
        () -> {
          outcomes.writeWaiting();
          return null;
        });
  }

  /**
   * Stores the hosts of one shard.
   *
   * @param packed the block as it came over the wire
   * @throws IllegalStateException if the shard has come before, or is none of the plan
   */
  public void accept(ShardRecord shard, OutcomeBlock block, byte[] packed) {
    attempt(
        "write outcomes to",
        () -> {
          outcomes.accept(new Journal.Entry(shard, packed), block);
          return null;
        });
  }

  /** Makes visible to other processes what has been accepted. */
  void flush() {
    attempt(
        "write outcomes to",
        () -> {
          claimed.journal().flush();
          return null;
        });
  }

  /** All hosts below this one are stored: estimates may be made of them. */
  public long watermark() {
    return outcomes.nextHost();
  }

  /** Shards in memory that wait for others. */
  int earlyInMemory() {
    return outcomes.earlyInMemory();
  }

  /**
   * Completes the dataset.
   *
   * @param estimates rows of the table {@code estimates}
   * @param execution how the run was carried out
   * @return the manifest
   * @throws StoreException if hosts are missing, or writing fails
   */
  public RunManifest finish(List<EstimateRow> estimates, Execution execution) {
    long hosts = claimed.record().plan().hosts();
    if (outcomes.nextHost() != hosts) {
      throw new StoreException(
          StoreException.Reason.CONTENT,
          "hosts from "
              + outcomes.nextHost()
              + " on are missing, at least in part; the dataset "
              + folder.uri()
              + " stays unfinished");
    }
    return attempt("finish", () -> commit(estimates, execution));
  }

  private RunManifest commit(List<EstimateRow> estimates, Execution execution) throws IOException {
    List<StoredFile> files = new ArrayList<>(outcomes.finish());
    files.add(EstimateColumns.write(folder, claimed.record().run(), estimates));
    files.add(outcomes.finishShards());
    refuseStrangers(files);
    RunManifest manifest = RunManifest.of(claimed.record().run(), execution, files);
    folder.write(RunManifest.FILE, manifest.text().getBytes(StandardCharsets.UTF_8));
    folder.write(SUCCESS, new byte[0]);
    tidyUp();
    return manifest;
  }

  /** The dataset is complete: what cannot be removed now is removed by the next resume. */
  private void tidyUp() {
    try {
      claimed.journal().close();
      folder.release();
    } catch (IOException e) {
      LOG.warn("the dataset is complete, but {} keeps its work files: {}", uri(), e.toString());
    }
  }

  /** A reader takes every Parquet file of a table's folder for rows of this run. */
  private void refuseStrangers(List<StoredFile> files) throws IOException {
    Set<String> own = files.stream().map(StoredFile::path).collect(Collectors.toSet());
    for (String path : DatasetFiles.parquet(folder)) {
      if (!own.contains(path)) {
        throw new IOException(path + " is no part of this run; remove it");
      }
    }
  }

  /** Lets go of open files without completing; what is stored stays for a resume. */
  @Override
  public void close() {
    try (claimed) {
      outcomes.close();
    } catch (IOException | ParquetRuntimeException e) {
      // Parts that are given up cannot fail any more; why they are was reported when it happened.
      return;
    }
  }

  /** Runs a step; an error of the file system becomes a sentence. */
  private <T> T attempt(String action, Callable<T> step) {
    try {
      return step.call();
    } catch (RuntimeException e) {
      if (e instanceof ParquetRuntimeException) {
        throw failure(action, e);
      }
      throw e;
    } catch (Exception e) {
      throw failure(action, e);
    }
  }

  private StoreException failure(String action, Exception cause) {
    try {
      if (!folder.isOurs()) {
        return StoreException.takenAway(folder.uri());
      }
    } catch (IOException e) {
      cause.addSuppressed(e); // whatever ails the file system, the first failure tells it
    }
    return StoreException.failed(action, folder.uri(), cause);
  }
}
