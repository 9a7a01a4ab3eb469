package stallcast.planted.coordinator.store;

import org.apache.hadoop.fs.FileSystem;

/** Planted: breaks no rule. */
public final class StoreMayUseHadoop {
  FileSystem files;
}
