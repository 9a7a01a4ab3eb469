package stallcast.coordinator.store;

import java.util.Locale;

/** Tables of a dataset with the version of their schema; a version grows only incompatibly. */
public enum TableName {
  /** One row per simulated host. */
  OUTCOMES(1),
  /** One row per incident. */
  INCIDENTS(1),
  /** One row per estimate. */
  ESTIMATES(1),
  /** One row per shard; the only table that two equal runs do not share. */
  SHARDS(1);

  private final int version;

  TableName(int version) {
    this.version = version;
  }

  /** The folder and the word in footers. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The table of a {@link #key}. */
  public static TableName of(String key) {
    return valueOf(key.toUpperCase(Locale.ROOT));
  }

  /** Version of the schema. */
  public int version() {
    return version;
  }

  /** Schema as footers name it: {@code outcomes/1}. */
  public String schema() {
    return key() + "/" + version;
  }
}
