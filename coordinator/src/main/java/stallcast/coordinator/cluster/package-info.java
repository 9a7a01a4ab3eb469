/** Runs a plan on a cluster, or on coordinator and worker in one process, by the same code. */
package stallcast.coordinator.cluster;
