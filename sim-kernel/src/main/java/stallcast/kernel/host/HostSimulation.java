package stallcast.kernel.host;

import stallcast.kernel.cpu.IncidentLog;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.HostSampler;
import stallcast.kernel.scenario.ScenarioSpec;

/**
 * One host from its index to its outcome. Not thread-safe: one instance per thread, reused from
 * host to host.
 */
public final class HostSimulation {
  private final HostSampler sampler;
  private final HostOutcome outcome;
  private final IncidentLog incidents = new IncidentLog();

  /** A simulation of hosts of one scenario. */
  public HostSimulation(ScenarioSpec spec) {
    sampler = new HostSampler(spec);
    outcome = new HostOutcome(spec.measures().size());
  }

  /**
   * Runs one host.
   *
   * @param hostIndex global index, &gt;= 0
   * @return its outcome, valid until the next call
   */
  public HostOutcome run(long hostIndex) {
    HostConfig config = sampler.sample(hostIndex);
    incidents.clear();
    outcome.begin(config, incidents);
    outcome.finish(EndReason.HORIZON, 0, 0);
    return outcome;
  }
}
