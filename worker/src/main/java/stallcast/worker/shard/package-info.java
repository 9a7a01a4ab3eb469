/** Runs ranges of hosts and packs their outcomes into columns; knows no cluster. */
package stallcast.worker.shard;
