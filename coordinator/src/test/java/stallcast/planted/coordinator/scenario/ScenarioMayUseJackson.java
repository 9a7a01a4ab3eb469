package stallcast.planted.coordinator.scenario;

import tools.jackson.databind.JsonNode;

/** Planted: breaks no rule. */
public final class ScenarioMayUseJackson {
  JsonNode node;
}
