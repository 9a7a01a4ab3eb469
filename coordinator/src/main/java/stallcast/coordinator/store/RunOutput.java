package stallcast.coordinator.store;

import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NotDirectoryException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.parquet.ParquetRuntimeException;
import stallcast.coordinator.aggregate.EstimateRow;
import stallcast.worker.shard.OutcomeBlock;

/**
 * The dataset of one run while it is written: {@code open}, {@code accept} every shard in any
 * order, {@code finish}. A reader sees a complete run or no {@code _SUCCESS} (results-dataset.md
 * section 8). Every failure is a {@link StoreException}; after one, nothing more can be written.
 *
 * <p>Not thread-safe.
 */
public final class RunOutput implements Closeable {
  /** The empty file that is written last. */
  public static final String SUCCESS = "_SUCCESS";

  private final RunFolder folder;
  private final RunDescription run;
  private final OutcomeWriter outcomes;
  private final List<ShardRecord> shards = new ArrayList<>();

  private RunOutput(RunFolder folder, RunDescription run, OutcomeWriter.Limits limits) {
    this.folder = folder;
    this.run = run;
    outcomes = new OutcomeWriter(folder, run, limits);
  }

  /**
   * Claims a new or empty folder for a run.
   *
   * @param uri folder: a local path or {@code file:}, {@code hdfs:}
   * @throws StoreException with {@link StoreException.Reason#FOLDER} if it is not empty
   */
  public static RunOutput open(URI uri, RunDescription run) {
    return open(RunFolder.at(uri), run, OutcomeWriter.Limits.DEFAULT);
  }

  static RunOutput open(RunFolder folder, RunDescription run, OutcomeWriter.Limits limits) {
    try {
      refuseContent(folder.uri(), folder.list(""));
      folder.claim();
    } catch (NotDirectoryException e) {
      throw refusal(folder.uri(), "is a file");
    } catch (FileAlreadyExistsException | org.apache.hadoop.fs.FileAlreadyExistsException e) {
      throw refusal(folder.uri(), "was claimed by another run just now");
    } catch (IOException e) {
      throw StoreException.unusable(folder.uri(), e);
    }
    return new RunOutput(folder, run, limits);
  }

  private static void refuseContent(URI uri, List<String> names) {
    if (names.contains(SUCCESS)) {
      throw refusal(uri, "holds the complete dataset of an earlier run");
    }
    if (names.contains(RunFolder.LOCK) || names.contains(RunFolder.WORK)) {
      throw refusal(uri, "belongs to a run that is under way or was interrupted");
    }
    if (!names.isEmpty()) {
      throw refusal(uri, "is not empty: it holds " + names.get(0));
    }
  }

  private static StoreException refusal(URI uri, String why) {
    return new StoreException(
        StoreException.Reason.FOLDER,
        "the folder " + uri + " " + why + "; nothing is overwritten, choose another one");
  }

  /** Where the dataset is. */
  public URI uri() {
    return folder.uri();
  }

  /**
   * Stores the hosts of one shard.
   *
   * @throws IllegalStateException if one of the hosts has come before
   */
  public void accept(ShardRecord shard, OutcomeBlock block) {
    attempt(
        "write outcomes to",
        folder.uri(),
        () -> {
          outcomes.accept(block);
          return null;
        });
    shards.add(shard);
  }

  /** All hosts below this one are stored: estimates may be made of them. */
  public long watermark() {
    return outcomes.nextHost();
  }

  /**
   * Completes the dataset.
   *
   * @param estimates rows of the table {@code estimates}
   * @param execution how the run was carried out
   * @return the manifest
   * @throws StoreException if hosts are missing before one that is there, or writing fails
   */
  public RunManifest finish(List<EstimateRow> estimates, Execution execution) {
    if (outcomes.firstWaiting() != outcomes.nextHost()) {
      throw new StoreException(
          StoreException.Reason.CONTENT,
          "hosts "
              + outcomes.nextHost()
              + " to "
              + (outcomes.firstWaiting() - 1)
              + " are missing; the dataset "
              + folder.uri()
              + " stays unfinished");
    }
    return attempt("finish", folder.uri(), () -> commit(estimates, execution));
  }

  private RunManifest commit(List<EstimateRow> estimates, Execution execution) throws IOException {
    List<StoredFile> files = new ArrayList<>(outcomes.finish());
    files.add(writeTable(TableName.ESTIMATES, EstimateColumns.all(), estimates));
    List<ShardRecord> inOrder = new ArrayList<>(shards);
    inOrder.sort(Comparator.comparingLong(ShardRecord::firstHost));
    files.add(writeTable(TableName.SHARDS, ShardRecord.columns(), inOrder));
    RunManifest manifest = RunManifest.of(run, execution, files);
    folder.write(RunManifest.FILE, manifest.text().getBytes(StandardCharsets.UTF_8));
    folder.write(SUCCESS, new byte[0]);
    folder.release();
    return manifest;
  }

  private <R> StoredFile writeTable(TableName table, TableColumns<R> columns, List<R> rows)
      throws IOException {
    String workName = table.key() + ".inprogress";
    TableFile<R> file = new TableFile<>(folder, columns, workName, run.footer(table));
    try (file) {
      for (R row : rows) {
        file.write(row);
      }
      return file.publish(table.key() + "/part-0.parquet");
    }
  }

  /** Lets go of open files without completing; what is there stays for inspection. */
  @Override
  public void close() {
    try {
      outcomes.close();
    } catch (IOException | ParquetRuntimeException e) {
      // Parts that are given up cannot fail any more; why they are was reported when it happened.
      return;
    }
  }

  /** Runs a step; an error of the file system becomes a sentence. */
  private static <T> T attempt(String action, URI uri, Callable<T> step) {
    try {
      return step.call();
    } catch (RuntimeException e) {
      if (e instanceof ParquetRuntimeException) {
        throw StoreException.failed(action, uri, e);
      }
      throw e;
    } catch (Exception e) {
      throw StoreException.failed(action, uri, e);
    }
  }
}
