package stallcast.planted.coordinator.store;

import stallcast.planted.coordinator.plan.PlanKnowsStore;

/** Planted: the other half of a cycle. */
public final class StoreKnowsPlan {
  PlanKnowsStore other;
}
