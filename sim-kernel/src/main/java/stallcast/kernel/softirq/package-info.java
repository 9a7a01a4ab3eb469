/** Softirq work: where it comes from, and how a CPU serves it. */
package stallcast.kernel.softirq;
