package stallcast.planted.kernel.host;

import stallcast.planted.kernel.fair.FairIsInnocent;
import stallcast.planted.kernel.rt.RtKnowsFair;

/** Planted: breaks no rule, because the host wires all mechanisms. */
public final class HostKnowsAll {
  FairIsInnocent fair = new FairIsInnocent();
  RtKnowsFair rt = new RtKnowsFair();
}
