package stallcast.worker.shard;

import stallcast.kernel.scenario.HostConfig;

/** Tells of which template a task of a host is, and which of the template's tasks it is. */
public interface TaskNaming {
  /** Both answers for a task that no template made. */
  int NO_TASK = -1;

  /** Turns to another host; later answers are about its tasks. */
  void turnTo(HostConfig host);

  /**
   * Index of the template in the host's stratum.
   *
   * @param task task id as incident records hold it; any value
   * @return the index, or {@link #NO_TASK}
   */
  int template(int task);

  /**
   * Which task of its template it is.
   *
   * @param task task id as incident records hold it; any value
   * @return the index within the template, or {@link #NO_TASK}
   */
  int index(int task);
}
