/** Measures what the distribution of hosts costs, against the same hosts in a plain loop. */
package stallcast.coordinator.bench;
