package stallcast.planted.coordinator.plan;

import org.snakeyaml.engine.v2.nodes.Node;

/** Planted: only scenarios know YAML. */
public final class PlanUsesYaml {
  Node node;
}
