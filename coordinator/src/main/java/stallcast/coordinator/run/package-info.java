/** One run from a scenario to a finished dataset: cluster, storage, tally and progress together. */
package stallcast.coordinator.run;
