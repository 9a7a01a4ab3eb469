package stallcast.planted.kernel.rt;

import stallcast.planted.kernel.fair.FairIsInnocent;

/** Planted: mechanisms are siblings that never import each other. */
public final class RtKnowsFair {
  FairIsInnocent sibling = new FairIsInnocent();
}
