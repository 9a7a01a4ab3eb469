/** Detectors: they turn states into incidents and change nothing but their own stamps. */
package stallcast.kernel.watchdog;
