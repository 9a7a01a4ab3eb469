package stallcast.planted.kernel.scenario;

import stallcast.planted.kernel.rt.RtKnowsFair;

/** Planted: value types must not know a mechanism. */
public final class ScenarioKnowsRt {
  RtKnowsFair mechanism = new RtKnowsFair();
}
