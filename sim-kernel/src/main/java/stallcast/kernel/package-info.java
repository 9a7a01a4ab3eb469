/**
 * The simulated Linux host: a pure function of scenario, master seed and host index.
 *
 * <p>Nothing below this package reads a clock, starts a thread, opens a file or writes a log.
 */
package stallcast.kernel;
