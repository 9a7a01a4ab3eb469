/**
 * The compute side of a cluster: receives ranges of hosts, simulates them and returns their rows.
 */
package stallcast.worker;
