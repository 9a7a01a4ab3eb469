package stallcast.coordinator.aggregate;

/** What limits an estimate; the names are stored. */
public enum EstimateFlag {
  /** No event: only the upper limit says anything. */
  ZERO_EVENTS("no event was seen: only the upper limit says anything"),
  /** Some hosts failed and are in no number. */
  FAILED_HOSTS("some hosts failed in the simulator and are left out"),
  /** Some hosts hit a limit of the simulator before the horizon. */
  TRUNCATED_HOSTS("some hosts hit a simulator limit before the horizon: events may be missing"),
  /** Some hosts went down before the horizon, their full horizon is counted. */
  PANICKED_HOSTS("some hosts panicked before the horizon, but count with all of it"),
  /** Some hosts had more incidents than a host may record. */
  DROPPED_RECORDS("some hosts had more incidents than are recorded"),
  /** Some incidents were still open at the end, their length is not known. */
  OPEN_INCIDENTS("some incidents were still open at the end of their host"),
  /** Hosts scatter more than independent events would. */
  OVERDISPERSED("events come in clusters: the interval is from the scatter between hosts"),
  /** So few hosts carry the events that their scatter is hardly known. */
  FEW_CLUSTERS("fewer than 10 hosts carry the events: the interval may be too narrow"),
  /** The largest value carries so much of the sum that a mean's interval cannot be trusted. */
  HEAVY_TAIL("one host carries more than 2 % of the sum: do not trust the mean's interval");

  private final String meaning;

  EstimateFlag(String meaning) {
    this.meaning = meaning;
  }

  /** One line for users. */
  public String meaning() {
    return meaning;
  }
}
