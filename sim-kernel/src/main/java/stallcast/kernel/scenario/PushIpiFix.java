package stallcast.kernel.scenario;

import java.util.Locale;

/** Variants of the fix of seed 004 (softirq-lockup.md section 8). */
public enum PushIpiFix {
  /** Unpatched. */
  NONE,
  /** The walker does not stop at a task that outranks the current one; it moves it. */
  NOT_PULL,
  /** As that, after 16 such stops without a context switch. */
  LIMIT_16,
  /** The feature works only with forced interrupt threading. */
  THREADED_ONLY,
  /** As merged: off by default unless PREEMPT_RT. */
  DEFAULT_OFF;

  /** The word in scenarios: kebab-case. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
