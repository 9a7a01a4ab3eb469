/**
 * Scenario files: from YAML to {@link stallcast.kernel.scenario.ScenarioSpec}, with every problem
 * found at once and placed. Start reading at {@link stallcast.coordinator.scenario.ScenarioReader}.
 */
package stallcast.coordinator.scenario;
