package stallcast.kernel.host;

import java.util.Locale;

/** Why the simulation of a host ended. */
public enum EndReason {
  /** The horizon, or the last window, was reached. */
  HORIZON,
  /** {@code kernel.softlockup_panic} or {@code kernel.hardlockup_panic}: the machine is down. */
  PANIC,
  /** More expiries than the scenario allows. */
  EVENT_LIMIT,
  /** A task's program took no time for too many steps. */
  PROGRAM_SPIN,
  /** More incidents than a host may record; counts go on, records stop. */
  INCIDENT_LIMIT,
  /** The simulator failed on this host; the message is recorded. */
  FAILED;

  /** The word in datasets. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
