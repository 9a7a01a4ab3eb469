package stallcast.planted.kernel.engine;

import stallcast.planted.kernel.rt.RtKnowsFair;

/** Planted: the lowest layer must not know a mechanism. */
public final class EngineKnowsRt {
  RtKnowsFair mechanism = new RtKnowsFair();
}
