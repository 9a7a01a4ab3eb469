/** The event engine: owned timers, one total order, no word of scheduling. */
package stallcast.kernel.engine;
