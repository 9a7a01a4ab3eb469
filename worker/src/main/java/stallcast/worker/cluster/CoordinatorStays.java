package stallcast.worker.cluster;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.AbstractActorWithTimers;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.DowningProvider;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.UniqueAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;
import scala.concurrent.duration.FiniteDuration;
import scala.jdk.javaapi.CollectionConverters;

/** Applies {@link DowningRule} to a member; Pekko makes it, by the name in its configuration. */
public final class CoordinatorStays extends DowningProvider {
  /** Path in the configuration: how long members may be missed. */
  static final String PATIENCE = "stallcast.stable-after";

  private final Duration patience;

  /** Called by Pekko. */
  public CoordinatorStays(ActorSystem system) {
    patience = system.settings().config().getDuration(PATIENCE);
  }

  /** Nothing has to be handed over: shards are idempotent. */
  @Override
  public FiniteDuration downRemovalMargin() {
    return FiniteDuration.Zero();
  }

  @Override
  public Option<Props> downingActorProps() {
    return Option.apply(Props.create(Judge.class, () -> new Judge(patience)));
  }

  /** Watches who misses whom. */
  private static final class Judge extends AbstractActorWithTimers {
    private static final Logger LOG = LoggerFactory.getLogger(CoordinatorStays.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);

    private enum Look {
      INSTANCE
    }

    private final Cluster cluster = Cluster.get(getContext().getSystem());
    private final DowningRule<UniqueAddress> rule;

    Judge(Duration patience) {
      rule = new DowningRule<>(cluster.selfUniqueAddress(), patience.toNanos());
      getTimers().startTimerWithFixedDelay(Look.INSTANCE, Look.INSTANCE, LOOK_EVERY);
      cluster.subscribe(
          getSelf(), ClusterEvent.initialStateAsEvents(), ClusterEvent.ReachabilityChanged.class);
    }

    @Override
    public Receive createReceive() {
      return receiveBuilder()
          .match(ClusterEvent.ReachabilityChanged.class, this::onReachability)
          .matchEquals(Look.INSTANCE, look -> onLook())
          .build();
    }

    private void onReachability(ClusterEvent.ReachabilityChanged event) {
      Map<UniqueAddress, Set<UniqueAddress>> observers = new HashMap<>();
      CollectionConverters.asJava(event.reachability().observersGroupedByUnreachable())
          .forEach((missed, by) -> observers.put(missed, CollectionConverters.asJava(by)));
      Set<UniqueAddress> coordinators = new HashSet<>();
      for (Member member : cluster.state().getMembers()) {
        if (member.hasRole(NodeSettings.COORDINATOR)) {
          coordinators.add(member.uniqueAddress());
        }
      }
      rule.see(observers, coordinators, System.nanoTime());
    }

    private void onLook() {
      for (UniqueAddress member : rule.due(System.nanoTime())) {
        LOG.info("gives up {}: connections are broken", member.address());
        cluster.down(member.address());
      }
    }
  }
}
