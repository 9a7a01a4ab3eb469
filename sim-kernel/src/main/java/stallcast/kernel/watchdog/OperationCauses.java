package stallcast.kernel.watchdog;

import stallcast.kernel.cpu.IncidentLog;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;

/**
 * What operations did to the machine last: the stop and the burst of load that incidents may come
 * of. State: numbers of their operation and occurrence, the blackout's record, the burst's end.
 */
final class OperationCauses implements Stateful {
  private static final int NONE = -1;

  private final IncidentLog log;
  private int stopOperation;
  private int stopOccurrence;
  private int blackout; // record, or NONE if the last stop was short
  private int burstOperation;
  private int burstOccurrence;
  private long burstEndNs; // engine time

  OperationCauses(IncidentLog log) {
    this.log = log;
  }

  void reset() {
    stopOperation = NONE;
    stopOccurrence = NONE;
    blackout = NONE;
    burstOperation = NONE;
    burstOccurrence = NONE;
    burstEndNs = Long.MIN_VALUE;
  }

  /**
   * The machine was stopped.
   *
   * @param blackoutRecord record of the stop, negative if it is no incident
   */
  void onStop(int operation, int occurrence, int blackoutRecord) {
    stopOperation = operation;
    stopOccurrence = occurrence;
    blackout = blackoutRecord;
  }

  /**
   * A burst of load has begun.
   *
   * @param endNs engine time of its end
   */
  void onBurst(int operation, int occurrence, long endNs) {
    burstOperation = operation;
    burstOccurrence = occurrence;
    burstEndNs = endNs;
  }

  /** Record of the last stop, negative if that is no incident. */
  int blackout() {
    return blackout;
  }

  /** An incident comes of the last stop. */
  void attributeToStop(int record) {
    log.attribute(record, stopOperation, stopOccurrence);
  }

  /** What softirq brings about during a burst of load is the burst's. */
  void attributeToBurst(int record, long startNs) {
    if (startNs <= burstEndNs) {
      log.attribute(record, burstOperation, burstOccurrence);
    }
  }

  @Override
  public void save(StateBuffer out) {
    out.put(stopOperation);
    out.put(stopOccurrence);
    out.put(blackout);
    out.put(burstOperation);
    out.put(burstOccurrence);
    out.put(burstEndNs);
  }

  @Override
  public void restore(StateBuffer in) {
    stopOperation = in.takeInt();
    stopOccurrence = in.takeInt();
    blackout = in.takeInt();
    burstOperation = in.takeInt();
    burstOccurrence = in.takeInt();
    burstEndNs = in.take();
  }
}
