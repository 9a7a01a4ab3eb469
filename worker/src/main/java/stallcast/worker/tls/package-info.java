/** Mutual TLS between nodes: keys from a folder, who is let in, and why others are not. */
package stallcast.worker.tls;
