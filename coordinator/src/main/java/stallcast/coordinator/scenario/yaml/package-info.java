/**
 * Hostile YAML text to a tree whose every part knows where it came from. Knows nothing about
 * scenarios.
 */
package stallcast.coordinator.scenario.yaml;
