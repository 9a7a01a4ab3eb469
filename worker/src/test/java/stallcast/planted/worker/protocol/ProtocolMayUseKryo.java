package stallcast.planted.worker.protocol;

import com.esotericsoftware.kryo.Kryo;

/** Planted: breaks no rule. */
public final class ProtocolMayUseKryo {
  Kryo kryo;
}
