package stallcast.coordinator.chaos;

/** What can be done to a cluster. */
enum FaultKind {
  /** SIGKILL to a worker, which is started again. */
  WORKER_KILL,
  /** SIGTERM to a worker: it drains, and is started again. */
  WORKER_TERM,
  /** SIGSTOP to a worker, SIGCONT later. */
  WORKER_PAUSE,
  /** A worker that is stopped nine tenths of the time. */
  WORKER_SLOW,
  /** Nothing passes between a worker and all others; connections stay. */
  WORKER_CUT,
  /** A worker's connections are closed, and new ones, too. */
  WORKER_RESET,
  /** Whatever goes to or from a worker is late. */
  WORKER_DELAY,
  /** SIGKILL to the coordinator, which is started again. */
  COORDINATOR_KILL,
  /** SIGTERM to the coordinator, which is started again. */
  COORDINATOR_TERM,
  /** SIGSTOP to the coordinator, SIGCONT later. */
  COORDINATOR_PAUSE,
  /** Nothing passes between the coordinator and any worker. */
  COORDINATOR_CUT,
  /** The coordinator ends like SIGKILL at a step of the commit protocol. */
  STEP_KILL,
  /** The disk is full at a step of the commit protocol. */
  STEP_FULL,
  /** The file system is read-only from a step of the commit protocol on. */
  STEP_READ_ONLY,
  /** Another process wants to resume the run that is under way. */
  SECOND_COORDINATOR,
  /** The folder of the dataset is moved away, and back later. */
  FOLDER_AWAY
}
