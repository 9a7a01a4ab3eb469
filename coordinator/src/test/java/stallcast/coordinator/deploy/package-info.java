/** What is shipped to machines other than the one it was built on. */
package stallcast.coordinator.deploy;
