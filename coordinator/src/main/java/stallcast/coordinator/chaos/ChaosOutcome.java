package stallcast.coordinator.chaos;

import java.util.List;

/**
 * How one cluster came through.
 *
 * @param run number of the run, from 0
 * @param faults what was done to it, in words
 * @param verdict in one word
 * @param details what happened, one line
 * @param seconds how long it took
 */
public record ChaosOutcome(
    int run, List<String> faults, Verdict verdict, String details, double seconds) {

  /** In one word. */
  public enum Verdict {
    /** The data have the bytes of the undisturbed run. */
    IDENTICAL,
    /** They have not. */
    DIFFERENT,
    /** It did not end in time. */
    HANG,
    /** A process ended as it never should, or the dataset is not sound. */
    BROKEN
  }

  /** Copies the list. */
  public ChaosOutcome {
    faults = List.copyOf(faults);
  }

  /** Whether nothing was lost. */
  public boolean isGood() {
    return verdict == Verdict.IDENTICAL;
  }
}
