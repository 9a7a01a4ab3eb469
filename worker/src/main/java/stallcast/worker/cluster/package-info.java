/** A process as a member of the cluster: configuration, the worker's actor and its life. */
package stallcast.worker.cluster;
