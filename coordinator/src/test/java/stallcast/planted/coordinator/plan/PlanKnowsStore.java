package stallcast.planted.coordinator.plan;

import stallcast.planted.coordinator.store.StoreKnowsPlan;

/** Planted: one half of a cycle. */
public final class PlanKnowsStore {
  StoreKnowsPlan other;
}
