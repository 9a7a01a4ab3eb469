package stallcast.coordinator.store;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Everything that can be wrong with a dataset without simulating it again: the manifest, the
 * digest, the footer and every page of each file, the ranges of hosts, and the sums of the tables
 * against one another.
 */
public final class DatasetCheck {

  /**
   * One thing that is wrong.
   *
   * @param file path relative to the dataset, or empty for the dataset as a whole
   * @param what one line
   */
  public record Problem(String file, String what) {}

  /**
   * What came of a check.
   *
   * @param dataset where it is
   * @param files files of the manifest
   * @param rows rows that were read
   * @param problems everything that is wrong; empty if nothing is
   */
  public record Report(URI dataset, int files, long rows, List<Problem> problems) {

    /** Copies the list. */
    public Report {
      problems = List.copyOf(problems);
    }

    /** Whether nothing is wrong. */
    public boolean isSound() {
      return problems.isEmpty();
    }
  }

  private static final Map<String, String> FOOTERS =
      Map.of(
          "stallcast.scenario-hash", "scenario_hash",
          "stallcast.master-seed", "master_seed",
          "stallcast.kernel-version", "software_version");

  private final DatasetReader dataset;
  private final List<Problem> problems = new ArrayList<>();
  private long rows;

  private DatasetCheck(DatasetReader dataset) {
    this.dataset = dataset;
  }

  /**
   * Checks a dataset.
   *
   * @throws StoreException with {@link StoreException.Reason#FOLDER} if there is none
   */
  public static Report of(URI uri) {
    DatasetCheck check = new DatasetCheck(new DatasetReader(uri));
    switch (ClaimedRun.contentOf(uri)) {
      case NOTHING ->
          throw new StoreException(
              StoreException.Reason.FOLDER, "there is no dataset in " + check.dataset.uri());
      case UNFINISHED -> {
        String what = "it has no _SUCCESS: the run is unfinished; 'stallcast resume' finishes it";
        return new Report(check.dataset.uri(), 0, 0, List.of(new Problem("", what)));
      }
      case COMPLETE -> {}
    }
    return new Report(check.dataset.uri(), check.check(), check.rows, check.problems);
  }

  private int check() {
    List<StoredFile> files;
    RunManifest manifest;
    try {
      manifest = dataset.manifest();
      manifest.problems().forEach(what -> problem(RunManifest.FILE, what));
      files = new ArrayList<>(manifest.files());
    } catch (StoreException | ClassCastException | NullPointerException e) {
      problem(RunManifest.FILE, "cannot be read: " + e.getMessage());
      return 0;
    }
    files.sort(Comparator.comparing(StoredFile::path));
    checkListing(files);
    TableSums sums = new TableSums(hostsOf(manifest), this::problem);
    for (StoredFile file : files) {
      checkFile(manifest, file, sums);
    }
    sums.compare();
    return files.size();
  }

  private static long hostsOf(RunManifest manifest) {
    return manifest.run().get("hosts") instanceof Long hosts ? hosts : -1;
  }

  private void problem(String file, String what) {
    problems.add(new Problem(file, what));
  }

  private void checkListing(List<StoredFile> files) {
    Set<String> listed = new HashSet<>();
    for (StoredFile file : files) {
      if (!listed.add(file.path())) {
        problem(file.path(), "stands twice in the manifest");
      }
    }
    try {
      for (String path : DatasetFiles.parquet(dataset.folder())) {
        if (!listed.contains(path)) {
          problem(path, "is not in the manifest, but readers take its rows for the run's");
        }
      }
    } catch (IOException e) {
      problem("", "cannot be listed: " + e.getMessage());
    }
  }

  private void checkFile(RunManifest manifest, StoredFile file, TableSums sums) {
    try {
      FileDigest digest = FileDigest.of(dataset.folder(), file.path());
      if (digest.bytes() != file.bytes()) {
        problem(file.path(), "has " + digest.bytes() + " bytes, not " + file.bytes());
      } else if (!digest.sha256().equals(file.sha256())) {
        problem(file.path(), "has another SHA-256 than the manifest says: it was changed");
      }
      checkFooter(manifest, file);
      checkRows(file, sums);
    } catch (NoSuchFileException | FileNotFoundException e) {
      problem(file.path(), "is missing");
    } catch (IOException | StoreException e) {
      problem(file.path(), "cannot be read: " + e.getMessage());
    }
  }

  private void checkFooter(RunManifest manifest, StoredFile file) {
    Map<String, String> footer = dataset.footer(file.path());
    Map<String, String> expected = new TreeMap<>();
    expected.put("stallcast.run", manifest.runId());
    expected.put("stallcast.rows", Long.toString(file.rows()));
    FOOTERS.forEach((key, name) -> expected.put(key, String.valueOf(manifest.run().get(name))));
    expected.forEach(
        (key, value) -> {
          if (!value.equals(footer.get(key))) {
            problem(file.path(), key + " is " + footer.get(key) + ", not " + value);
          }
        });
  }

  private void checkRows(StoredFile file, TableSums sums) {
    TableName table = TableName.of(file.table());
    long count = 0;
    sums.begin(table, file.path());
    try (DatasetRows all = dataset.rows(table, file.path())) {
      while (all.hasNext()) {
        sums.add(all.next());
        count++;
      }
    }
    sums.end();
    rows += count;
    if (count != file.rows()) {
      problem(file.path(), "has " + count + " rows, not " + file.rows());
    }
  }
}
