package stallcast.coordinator.cli;

/** How a command writes its result. */
enum OutputFormat {
  /** For people. */
  TABLE,
  /** For scripts. */
  JSON
}
