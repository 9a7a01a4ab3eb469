package stallcast.kernel.scenario;

/**
 * One class of hosts in the fleet mix. Hosts are assigned independently by weight from their own
 * configuration stream, so that every prefix of the fleet is a fair sample of the mix.
 *
 * @param name unique token
 * @param weight share of the fleet, in (0, 1]
 * @param host what a host of this class is, overrides already applied
 */
public record StratumSpec(String name, double weight, HostSpec host) {}
