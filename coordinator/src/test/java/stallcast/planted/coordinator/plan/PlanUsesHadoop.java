package stallcast.planted.coordinator.plan;

import org.apache.hadoop.fs.FileSystem;

/** Planted: only the store knows Hadoop. */
public final class PlanUsesHadoop {
  FileSystem files;
}
