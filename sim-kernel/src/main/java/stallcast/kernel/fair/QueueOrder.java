package stallcast.kernel.fair;

/**
 * Who of the entities of one queue runs, and for how long: EEVDF or CFS. It knows single queues
 * only; what happens along a hierarchy of groups is {@link FairHierarchy}'s.
 */
interface QueueOrder {

  /**
   * Places an entity that is about to be queued: sets its virtual time.
   *
   * @param q its queue, with {@code queues.queue[entity]} still the one it stood in before
   * @param wakes whether it was asleep, as opposed to moved
   */
  void place(int q, int entity, boolean wakes);

  /**
   * Decides whether an entity that blocks stays queued for now.
   *
   * @return whether it stays
   */
  boolean delaysDequeue(int q, int entity);

  /** Prepares an entity to leave its queue, which it is still in. */
  void leave(int q, int entity, boolean sleeps);

  /** A blocked entity that stayed queued is woken. */
  void requeueDelayed(int q, int entity);

  /**
   * The entity to run.
   *
   * @param protect whether the current one's slice protection holds
   */
  int pick(int q, boolean protect);

  /** An entity that did not run becomes the current one of its queue. */
  void picked(int q, int entity);

  /** Whether a current entity was told to reschedule by a charge of it. */
  boolean charge(int q, int entity, long firstNs, long count, long tickNs);

  /** A tick hits a current entity that was just charged. @return whether to reschedule */
  boolean tick(int q, int entity);

  /**
   * How long a current entity must run until a tick or a charge may ask for a reschedule, ns; 0 at
   * the next one, {@link stallcast.kernel.engine.TimerQueue#NEVER} if none will.
   */
  long quietNs(int q, int entity);

  /** How long a current entity must run until its slice ends, ns. */
  long sliceLeftNs(int q, int entity);

  /** Whether a woken entity preempts the current one of the same queue. */
  boolean preempts(int q, int current, int woken);

  /** The current entity must not hold on to its slice any longer. */
  void endProtection(int entity);

  /** The current entity calls sched_yield. */
  void yieldCurrent(int q, int entity);

  /** A group's entity takes over what slices of its own queue mean for it. */
  void inheritSlice(int owner, int ownQueue);

  /** Changes the weight of an entity, queued or not. */
  void reweight(int q, int entity, long newWeight);
}
