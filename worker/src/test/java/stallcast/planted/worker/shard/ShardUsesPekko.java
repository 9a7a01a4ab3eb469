package stallcast.planted.worker.shard;

import org.apache.pekko.actor.typed.ActorRef;

/** Planted: simulating must not know the cluster. */
public final class ShardUsesPekko {
  ActorRef<String> replyTo;
}
