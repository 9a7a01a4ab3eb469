package stallcast.coordinator.cluster;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import stallcast.worker.cluster.WorkerActor;
import stallcast.worker.cluster.WorkerEnd;
import stallcast.worker.cluster.WorkerListener;
import stallcast.worker.cluster.WorkerSettings;
import stallcast.worker.protocol.CoordinatorInbox;

/**
 * The root of a coordinator's actor system: starts the dispatcher and, if this process simulates
 * too, a worker; ends when the dispatcher has ended and the other members have left.
 */
final class CoordinatorRoot extends AbstractBehavior<CoordinatorInbox> {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
  private static final Duration LEAVE_LIMIT = Duration.ofSeconds(10);

  private enum LookAtMembers implements CoordinatorInbox {
    INSTANCE
  }

  private enum LeaveLimit implements CoordinatorInbox {
    INSTANCE
  }

  /** The own worker's life is seen by the dispatcher alone. */
  private static final WorkerListener NOBODY =
      new WorkerListener() {
        @Override
        public void onConnected(int threads) {}

        @Override
        public void onEnded(WorkerEnd end) {}
      };

  private final TimerScheduler<CoordinatorInbox> timers;
  private final boolean alone;
  private final ActorRef<CoordinatorInbox> dispatcher;
  private final Set<Member> awaited = new HashSet<>(); // who has to leave before this one may

  static Behavior<CoordinatorInbox> create(
      Behavior<CoordinatorInbox> dispatcher, ClusterOptions.Place place) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new CoordinatorRoot(context, timers, dispatcher, place)));
  }

  private CoordinatorRoot(
      ActorContext<CoordinatorInbox> context,
      TimerScheduler<CoordinatorInbox> timers,
      Behavior<CoordinatorInbox> behavior,
      ClusterOptions.Place place) {
    super(context);
    this.timers = timers;
    this.alone = place instanceof ClusterOptions.Embedded;
    if (!alone) {
      Cluster cluster = Cluster.get(context.getSystem());
      cluster.manager().tell(Join.create(cluster.selfMember().address()));
    }
    dispatcher = context.spawn(behavior, "dispatcher");
    context.watch(dispatcher);
    context
        .getSystem()
        .receptionist()
        .tell(Receptionist.register(WorkerActor.DISPATCHER, dispatcher));
    if (place.ownThreads() > 0) {
      context.spawn(
          WorkerActor.create(WorkerSettings.ofThreads(place.ownThreads()), NOBODY), "worker");
    }
  }

  @Override
  public Receive<CoordinatorInbox> createReceive() {
    return newReceiveBuilder()
        .onMessage(ShardDispatcher.StopRun.class, this::onStopRun)
        .onMessageEquals(LookAtMembers.INSTANCE, this::onLookAtMembers)
        .onMessageEquals(LeaveLimit.INSTANCE, this::leave)
        .onSignal(Terminated.class, this::onDispatcherEnded)
        .build();
  }

  private Behavior<CoordinatorInbox> onStopRun(ShardDispatcher.StopRun message) {
    dispatcher.tell(message);
    return this;
  }

  private Behavior<CoordinatorInbox> onDispatcherEnded(Terminated signal) {
    if (alone) {
      return Behaviors.stopped();
    }
    Cluster.get(getContext().getSystem()).state().getMembers().forEach(awaited::add);
    timers.startTimerWithFixedDelay(LookAtMembers.INSTANCE, LOOK_AGAIN);
    timers.startSingleTimer(LeaveLimit.INSTANCE, LEAVE_LIMIT);
    return this;
  }

  /**
   * Whoever leaves after the coordinator writes warnings that make a clean end look broken. Members
   * that join now look for another run, and are not waited for.
   */
  private Behavior<CoordinatorInbox> onLookAtMembers() {
    Cluster cluster = Cluster.get(getContext().getSystem());
    Set<Member> left = new HashSet<>();
    cluster.state().getMembers().forEach(left::add);
    awaited.retainAll(left);
    awaited.remove(cluster.selfMember());
    return awaited.isEmpty() ? leave() : this;
  }

  /** A root that merely stops would end the system without leaving the cluster. */
  private Behavior<CoordinatorInbox> leave() {
    getContext().getSystem().terminate();
    return Behaviors.ignore();
  }
}
