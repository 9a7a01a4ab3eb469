package stallcast.coordinator.run;

import stallcast.coordinator.cluster.RunProgress;

/** Told how a run goes on; must not block. */
@FunctionalInterface
public interface ProgressListener {

  /**
   * Takes the state of the run.
   *
   * @param state counts and rates
   * @param headline the live estimate with its anytime-valid interval; empty before the first hosts
   */
  void update(RunProgress.State state, String headline);
}
