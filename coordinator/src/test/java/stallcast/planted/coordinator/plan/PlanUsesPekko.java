package stallcast.planted.coordinator.plan;

import org.apache.pekko.actor.typed.ActorRef;

/** Planted: planning must not know the cluster. */
public final class PlanUsesPekko {
  ActorRef<String> replyTo;
}
