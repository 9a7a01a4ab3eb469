package stallcast.coordinator.store;

import stallcast.kernel.host.EndReason;
import stallcast.worker.shard.OutcomeBlock;

/** A place in an outcome block: one host, and within its incidents one record. */
final class HostCursor {
  private static final EndReason[] END_REASONS = EndReason.values();

  private OutcomeBlock block;
  private int row;
  private int firstRecord;
  private int record;
  private int failure;

  /** Goes to the first host of a block. */
  void open(OutcomeBlock next) {
    block = next;
    row = 0;
    firstRecord = 0;
    record = 0;
    failure = 0;
  }

  /** Whether there is a host here. */
  boolean hasHost() {
    return row < block.rows();
  }

  /** Whether the host has a record here. */
  boolean hasRecord() {
    return record < block.incidents().size() && block.incidents().row()[record] == row;
  }

  /** Goes to the host's next record. */
  void nextRecord() {
    record++;
  }

  /** Goes to the next host. */
  void nextHost() {
    while (hasRecord()) {
      record++;
    }
    if (isFailed()) {
      failure++;
    }
    row++;
    firstRecord = record;
  }

  OutcomeBlock block() {
    return block;
  }

  OutcomeBlock.IncidentRows incidents() {
    return block.incidents();
  }

  int row() {
    return row;
  }

  int record() {
    return record;
  }

  /** First record of the host; parents count from here. */
  int firstRecord() {
    return firstRecord;
  }

  long host() {
    return block.firstHost() + row;
  }

  EndReason endReason() {
    return END_REASONS[block.endReason()[row]];
  }

  boolean isFailed() {
    return endReason() == EndReason.FAILED;
  }

  /** Why the host failed. */
  String failureMessage() {
    OutcomeBlock.HostFailure reason = block.failures().get(failure);
    if (reason.host() != host()) {
      throw new IllegalStateException(
          "host " + host() + " failed, but the next message is of host " + reason.host());
    }
    return reason.message();
  }
}
