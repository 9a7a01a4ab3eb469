/** Timelines of one host, as files that trace viewers open. */
package stallcast.coordinator.trace;
