package stallcast.coordinator.store;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import stallcast.coordinator.aggregate.EstimateRow;
import stallcast.worker.shard.OutcomeBlock;

/**
 * Writes damaged files of a complete dataset again. The manifest says what they must be, so it and
 * {@code _SUCCESS} stay as they are; a file is replaced in one step. Every failure is a {@link
 * StoreException}.
 */
public final class DatasetRepair implements Closeable {
  private static final Pattern HOSTS = Pattern.compile("part-([0-9]{10,})-([0-9]{10,})\\.parquet");

  private final RunFolder folder;
  private final RunDescription run;

  /**
   * A range of hosts that share files.
   *
   * @param first index of the first
   * @param last index of the last
   */
  public record Hosts(long first, long last) {}

  /**
   * Holds a dataset, so that nobody else repairs it.
   *
   * @throws StoreException if somebody does, or the folder cannot be written
   */
  public DatasetRepair(URI uri, RunDescription run) {
    this.run = run;
    folder = RunFolder.at(uri);
    try {
      if (!folder.lock(false)) {
        throw new StoreException(
            StoreException.Reason.FOLDER, "another process is at work in " + folder.uri());
      }
      folder.takeOver();
    } catch (IOException e) {
      throw StoreException.unusable(folder.uri(), e);
    }
  }

  /** Files of the manifest that are missing or have other bytes. */
  public static List<StoredFile> damaged(URI uri) {
    DatasetReader dataset = new DatasetReader(uri);
    List<StoredFile> damaged = new ArrayList<>();
    for (StoredFile file : dataset.manifest().files()) {
      try {
        if (!FileDigest.of(dataset.folder(), file.path()).sha256().equals(file.sha256())) {
          damaged.add(file);
        }
      } catch (NoSuchFileException | FileNotFoundException e) {
        damaged.add(file);
      } catch (IOException e) {
        throw StoreException.failed("read", file.path(), e);
      }
    }
    return damaged;
  }

  /** The hosts of a part. */
  public static Hosts hosts(StoredFile part) {
    Matcher name = HOSTS.matcher(part.path());
    if (!name.find()) {
      throw new StoreException(
          StoreException.Reason.CONTENT, part.path() + " does not say which hosts it holds");
    }
    return new Hosts(Long.parseLong(name.group(1)), Long.parseLong(name.group(2)));
  }

  /**
   * Writes the outcomes and incidents of a part.
   *
   * @param blocks of its hosts, in their order
   */
  public void writePart(Hosts hosts, Iterator<OutcomeBlock> blocks) {
    HostCursor cursor = new HostCursor();
    try (PartWriter part =
        new PartWriter(
            folder,
            run,
            OutcomeColumns.of(run.spec()),
            IncidentColumns.of(run.spec()),
            hosts.first())) {
      while (blocks.hasNext()) {
        cursor.open(blocks.next());
        while (cursor.hasHost()) {
          part.write(cursor);
        }
      }
      part.publish();
    } catch (IOException e) {
      throw StoreException.failed("write outcomes to", folder.uri(), e);
    }
  }

  /** Writes the table of estimates. */
  public void writeEstimates(List<EstimateRow> rows) {
    try {
      EstimateColumns.write(folder, run, rows);
    } catch (IOException e) {
      throw StoreException.failed("write estimates to", folder.uri(), e);
    }
  }

  /** Removes what was needed for the work. */
  @Override
  public void close() {
    try {
      folder.release();
    } catch (IOException e) {
      throw StoreException.failed("tidy up", folder.uri(), e);
    }
  }
}
