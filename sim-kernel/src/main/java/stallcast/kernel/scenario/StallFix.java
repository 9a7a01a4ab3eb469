package stallcast.kernel.scenario;

import java.util.Locale;

/** Variants of the fix of seed 000 (rt-throttle.md section 11). */
public enum StallFix {
  /** Unpatched. */
  NONE,
  /** Flag or magnitude test, as posted. */
  RFC,
  /** Flag test only. */
  FLAG_ONLY,
  /** Magnitude test only. */
  MAGNITUDE_ONLY;

  /** The word in scenarios: kebab-case. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
