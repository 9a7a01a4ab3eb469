package stallcast.coordinator.cluster;

import picocli.CommandLine;
import stallcast.worker.cli.WorkerCommand;

/** The main class of the worker processes of {@link MultiProcessTest}. */
final class WorkerMain {
  private WorkerMain() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new WorkerCommand()).execute(arguments));
  }
}
