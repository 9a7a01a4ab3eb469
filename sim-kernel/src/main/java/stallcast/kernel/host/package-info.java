/** One host from its configuration to its outcome: wiring, replication and metrics. */
package stallcast.kernel.host;
