/**
 * From outcomes to numbers: exact order-independent tallies and the intervals of their estimates.
 * Knows neither storage nor cluster.
 */
package stallcast.coordinator.aggregate;
