package stallcast.coordinator.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What lies in the folders of a dataset's tables. */
final class DatasetFiles {
  private DatasetFiles() {}

  /** Every Parquet file of a run, by table and path. */
  static List<String> parquet(RunFolder folder) throws IOException {
    List<String> paths = new ArrayList<>();
    for (TableName table : TableName.values()) {
      paths.addAll(parquet(folder, table));
    }
    return paths;
  }

  /** The Parquet files of a table in order of their paths: for outcomes, that of the hosts. */
  static List<String> parquet(RunFolder folder, TableName table) throws IOException {
    List<String> paths = new ArrayList<>();
    for (String name : folder.list(table.key())) {
      if (name.endsWith(".parquet")) {
        paths.add(table.key() + "/" + name);
      } else if (name.startsWith("arm=")) {
        String arm = table.key() + "/" + name;
        folder.list(arm).stream()
            .filter(n -> n.endsWith(".parquet"))
            .forEach(n -> paths.add(arm + "/" + n));
      }
    }
    return paths;
  }
}
