package stallcast.planted.worker.shard;

import com.esotericsoftware.kryo.Kryo;

/** Planted: only the protocol knows the wire format. */
public final class ShardUsesKryo {
  Kryo kryo;
}
