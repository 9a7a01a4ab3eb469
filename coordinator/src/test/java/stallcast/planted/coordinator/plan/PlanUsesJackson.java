package stallcast.planted.coordinator.plan;

import tools.jackson.databind.JsonNode;

/** Planted: only scenarios know Jackson. */
public final class PlanUsesJackson {
  JsonNode node;
}
