/**
 * What may vary and what was drawn: {@link stallcast.kernel.scenario.ScenarioSpec} describes a
 * fleet, {@link stallcast.kernel.scenario.HostSampler} draws one {@link
 * stallcast.kernel.scenario.HostConfig} of it.
 */
package stallcast.kernel.scenario;
