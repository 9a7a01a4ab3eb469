/** Made-up fleets for tests of the packages that consume outcomes. */
package stallcast.coordinator.fleet;
