package stallcast.planted.coordinator.plan;

import picocli.CommandLine;

/** Planted: only the command line knows picocli. */
public final class PlanUsesPicocli {
  CommandLine commandLine;
}
