/**
 * Runs real clusters of processes on this machine, hurts them, and compares what they store with an
 * undisturbed run. Knows processes, signals and sockets, and datasets as files; nothing of actors.
 */
package stallcast.coordinator.chaos;
