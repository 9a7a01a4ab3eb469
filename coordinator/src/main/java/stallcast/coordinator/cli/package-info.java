/**
 * What a user types: one class per subcommand, listed in {@link
 * stallcast.coordinator.cli.StallcastCommand}.
 *
 * <p>Commands translate arguments into calls and results into text. They load the libraries behind
 * a call only when it is made, so that {@code --help} stays quick.
 */
package stallcast.coordinator.cli;
