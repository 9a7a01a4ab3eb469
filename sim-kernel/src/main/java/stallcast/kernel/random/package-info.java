/**
 * Random numbers addressed by identity, the distributions and the arrival processes a host draws
 * from.
 */
package stallcast.kernel.random;
