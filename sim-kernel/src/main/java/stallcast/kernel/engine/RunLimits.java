package stallcast.kernel.engine;

/**
 * Bounds of one run.
 *
 * @param untilNs expiries at this instant or later are not run, ns
 * @param maxExpiries the run ends after this many expiries in the queue's life
 */
public record RunLimits(long untilNs, long maxExpiries) {}
