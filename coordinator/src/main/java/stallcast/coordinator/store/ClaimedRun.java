package stallcast.coordinator.store;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NotDirectoryException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of a run in the hands of this process, with what earlier owners stored of it. Every
 * failure is a {@link StoreException}.
 */
public final class ClaimedRun implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(ClaimedRun.class);
  private static final int LOOK_AGAIN_SECONDS = 5;

  private final RunFolder folder;
  private final RunRecord record;
  private final Journal journal;
  private final BitSet done;

  /** What a folder holds. */
  public enum Content {
    /** Nothing, or no folder. */
    NOTHING,
    /** A run that is under way or was interrupted. */
    UNFINISHED,
    /** A complete dataset. */
    COMPLETE
  }

  private ClaimedRun(RunFolder folder, RunRecord record, Journal journal, BitSet done) {
    this.folder = folder;
    this.record = record;
    this.journal = journal;
    this.done = done;
  }

  /**
   * Looks at a folder without touching it.
   *
   * @throws StoreException if it holds anything else
   */
  public static Content contentOf(URI uri) {
    return contentOf(RunFolder.at(uri));
  }

  private static Content contentOf(RunFolder folder) {
    try {
      List<String> names = folder.list("");
      if (names.contains(RunOutput.SUCCESS)) {
        return Content.COMPLETE;
      }
      if (names.contains(RunFolder.LOCK) || names.contains(RunFolder.WORK)) {
        return Content.UNFINISHED;
      }
      if (!names.isEmpty()) {
        throw refusal(folder, "is not empty: it holds " + names.get(0));
      }
      return Content.NOTHING;
    } catch (NotDirectoryException e) {
      throw refusal(folder, "is a file");
    } catch (IOException e) {
      throw StoreException.unusable(folder.uri(), e);
    }
  }

  private static StoreException refusal(RunFolder folder, String why) {
    return new StoreException(
        StoreException.Reason.FOLDER,
        "the folder " + folder.uri() + " " + why + "; nothing is overwritten, choose another one");
  }

  /**
   * Claims a new or empty folder.
   *
   * @param uri folder: a local path or {@code file:}, {@code hdfs:}
   * @throws StoreException with {@link StoreException.Reason#FOLDER} if it is not empty
   */
  public static ClaimedRun start(URI uri, RunRecord record) {
    return start(RunFolder.at(uri), record);
  }

  static ClaimedRun start(RunFolder folder, RunRecord record) {
    switch (contentOf(folder)) {
      case COMPLETE -> throw refusal(folder, "holds the complete dataset of an earlier run");
      case UNFINISHED ->
          throw refusal(
              folder,
              "belongs to a run that is under way or was interrupted, which 'stallcast resume'"
                  + " finishes");
      case NOTHING -> {}
    }
    try {
      folder.claim();
      RunRecord.signed(folder, ownName());
      record.write(folder);
      Journal journal = new Journal(folder, record.plan().shards());
      return new ClaimedRun(folder, record, journal, new BitSet());
    } catch (FileAlreadyExistsException | org.apache.hadoop.fs.FileAlreadyExistsException e) {
      throw refusal(folder, "was claimed by another run just now");
    } catch (IOException e) {
      closeQuietly(folder);
      throw StoreException.unusable(folder.uri(), e);
    }
  }

  /**
   * Takes an unfinished run over.
   *
   * @param force take it even from an owner that may live
   * @param otherwise what to begin if the owner had not stored even what its run is
   * @param check refuses, by an exception, a run that is not the right one; nothing has been
   *     changed then
   * @return empty if the run was completed meanwhile
   * @throws StoreException with {@link StoreException.Reason#FOLDER} if its owner lives, or another
   *     build began it
   */
  public static Optional<ClaimedRun> takeOver(
      URI uri, boolean force, Optional<RunRecord> otherwise, Consumer<RunRecord> check) {
    return takeOver(RunFolder.at(uri), force, otherwise, check);
  }

  static Optional<ClaimedRun> takeOver(
      RunFolder folder, boolean force, Optional<RunRecord> otherwise, Consumer<RunRecord> check) {
    try {
      awaitLock(folder, force);
      Optional<ClaimedRun> claimed = takeLocked(folder, otherwise, check);
      if (claimed.isEmpty()) {
        folder.release();
      }
      return claimed;
    } catch (IOException e) {
      closeQuietly(folder);
      throw StoreException.failed("take over", folder.uri(), e);
    } catch (RuntimeException e) {
      closeQuietly(folder);
      throw e;
    }
  }

  private static Optional<ClaimedRun> takeLocked(
      RunFolder folder, Optional<RunRecord> otherwise, Consumer<RunRecord> check)
      throws IOException {
    if (folder.list("").contains(RunOutput.SUCCESS)) {
      return Optional.empty();
    }
    if (!RunRecord.isIn(folder)) {
      RunRecord fresh = otherwise.orElseThrow(() -> nothingStored(folder));
      folder.takeOver();
      RunRecord.signed(folder, ownName());
      fresh.write(folder);
      Journal empty = new Journal(folder, fresh.plan().shards());
      return Optional.of(new ClaimedRun(folder, fresh, empty, new BitSet()));
    }
    RunRecord record = RunRecord.read(folder);
    check.accept(record);
    folder.takeOver();
    RunRecord.signed(folder, ownName());
    Journal journal = new Journal(folder, record.plan().shards());
    return Optional.of(new ClaimedRun(folder, record, journal, journal.recover()));
  }

  /**
   * Removes what a process that ended between the completion of a dataset and its own end has left.
   * Nothing happens while that process lives.
   */
  public static void tidy(URI uri) {
    tidy(RunFolder.at(uri));
  }

  static void tidy(RunFolder folder) {
    try (folder) {
      List<String> names = folder.list("");
      boolean littered = names.contains(RunFolder.LOCK) || names.contains(RunFolder.WORK);
      if (littered && names.contains(RunOutput.SUCCESS) && folder.lock(false)) {
        folder.release();
      }
    } catch (IOException e) {
      LOG.warn("{} is complete, but keeps work files: {}", folder.uri(), e.toString());
    }
  }

  private static StoreException nothingStored(RunFolder folder) {
    return new StoreException(
        StoreException.Reason.FOLDER,
        "the run in "
            + folder.uri()
            + " was interrupted before it had stored anything; repeat its command with --resume");
  }

  private static void awaitLock(RunFolder folder, boolean force) throws IOException {
    long limitNs = System.nanoTime() + folder.lockOutlivesOwner().toNanos();
    while (!folder.lock(force)) {
      if (System.nanoTime() > limitNs) {
        throw inUse(folder);
      }
      LOG.warn("waiting for {} to let go of {}", RunRecord.owner(folder), folder.uri());
      try {
        TimeUnit.SECONDS.sleep(LOOK_AGAIN_SECONDS);
      } catch (InterruptedException e) {
        throw new IOException("interrupted while waiting for the lock", e);
      }
    }
  }

  private static StoreException inUse(RunFolder folder) {
    String owner = RunRecord.owner(folder);
    return new StoreException(
        StoreException.Reason.FOLDER,
        "the run in "
            + folder.uri()
            + " belongs to "
            + owner
            + ", which is at work. If it does not answer any more, 'stallcast resume --take-over'"
            + " shuts it out");
  }

  private static void closeQuietly(RunFolder folder) {
    try {
      folder.close();
    } catch (IOException e) {
      return; // a lock that was not kept; the first failure is the one to tell
    }
  }

  private static String ownName() {
    return "process "
        + ProcessHandle.current().pid()
        + " on "
        + hostName()
        + " since "
        + Instant.now().truncatedTo(ChronoUnit.SECONDS);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "an unnamed machine";
    }
  }

  /** The run. */
  public RunRecord record() {
    return record;
  }

  /** Shards that need not be run any more. */
  public BitSet done() {
    return (BitSet) done.clone();
  }

  /** Records of earlier owners that were damaged: their shards are run again. */
  public int damagedRecords() {
    return journal.damaged();
  }

  /** How often the run was interrupted and taken over so far. */
  public int takeOvers() {
    try {
      String own = folder.ownerFolder();
      return RunFolder.ownerNumber(own.substring(own.lastIndexOf('/') + 1)) - 1;
    } catch (IOException e) {
      throw StoreException.failed("list", folder.uri(), e);
    }
  }

  RunFolder folder() {
    return folder;
  }

  Journal journal() {
    return journal;
  }

  /** Lets go of the folder; the run can be resumed. */
  @Override
  public void close() {
    try (folder) {
      journal.close();
    } catch (IOException e) {
      // What was not stored is run again, and what made it fail has been told already.
      return;
    }
  }
}
