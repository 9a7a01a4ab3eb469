package stallcast.coordinator.chaos;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * One thing that is done to a cluster.
 *
 * @param kind what
 * @param worker which worker, if it is one
 * @param progress when: this share of all results is stored, 0..1
 * @param lastsMs how long, for what has an end
 * @param step step of the commit protocol, for what happens at one: {@code before:APPEND:3}
 */
record Fault(FaultKind kind, int worker, double progress, long lastsMs, String step) {
  private static final long LASTS_MIN_MS = 300;
  private static final long LASTS_MAX_MS = 7_000; // beyond what a failure detector lets pass
  private static final int TIMES_MAX = 40;

  /** Steps that every run reaches, and how often at least. */
  private static final List<String> ONCE =
      List.of(
          "CLAIM",
          "PUBLISH_RUN",
          "PUBLISH_OUTCOMES",
          "PUBLISH_INCIDENTS",
          "PUBLISH_ESTIMATES",
          "PUBLISH_SHARDS",
          "PUBLISH_MANIFEST",
          "PUBLISH_SUCCESS",
          "RELEASE");

  /** A fault of a kind, with everything else by chance. */
  static Fault draw(FaultKind kind, int workers, RandomGenerator random) {
    return new Fault(
        kind, random.nextInt(workers), random.nextDouble(), lastsMs(random), step(random));
  }

  /** Short ones are more frequent, and every length is there. */
  private static long lastsMs(RandomGenerator random) {
    double growth = Math.log((double) LASTS_MAX_MS / LASTS_MIN_MS);
    return Math.round(LASTS_MIN_MS * Math.exp(growth * random.nextDouble()));
  }

  private static String step(RandomGenerator random) {
    String when = random.nextBoolean() ? "before:" : "after:";
    int step = random.nextInt(ONCE.size() + 2);
    return when
        + (step < ONCE.size() ? ONCE.get(step) + ":1" : "APPEND:" + random.nextInt(1, TIMES_MAX));
  }

  boolean isAtStep() {
    return Set.of(FaultKind.STEP_KILL, FaultKind.STEP_FULL, FaultKind.STEP_READ_ONLY)
        .contains(kind);
  }

  /** The system property that makes a process fail at the step. */
  String property() {
    return step
        + switch (kind) {
          case STEP_KILL -> ":kill";
          case STEP_FULL -> ":full";
          default -> ":readonly";
        };
  }

  /** In words, for the list. */
  String words() {
    String name = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    if (isAtStep()) {
      return name + " " + step.toLowerCase(Locale.ROOT).replace('_', '-');
    }
    String at = String.format(Locale.ROOT, " at %.0f %%", 100 * progress);
    String who = name.startsWith("worker") ? " " + worker : "";
    return switch (kind) {
      case WORKER_KILL, WORKER_TERM, COORDINATOR_KILL, COORDINATOR_TERM, SECOND_COORDINATOR ->
          name + who + at;
      default -> name + who + at + String.format(Locale.ROOT, " for %.1f s", lastsMs / 1000.0);
    };
  }
}
