package stallcast.planted.coordinator.plan;

import org.apache.parquet.schema.MessageType;

/** Planted: only the store knows Parquet. */
public final class PlanUsesParquet {
  MessageType schema;
}
