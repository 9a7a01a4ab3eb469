package stallcast.coordinator.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code stallcast init}: a commented scenario to start from. */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Writes a commented scenario to start from.")
public final class InitCommand implements Callable<Integer> {
  static final String STARTER = "starter.yaml";

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FILE",
      defaultValue = "scenario.yaml",
      description = "Where to write it (default: ${DEFAULT-VALUE}).")
  private Path file;

  @Option(names = "--force", description = "Overwrite the file if there is one.")
  private boolean force;

  @Override
  public Integer call() throws IOException {
    OpenOption[] fresh = {StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW};
    OpenOption[] anyway = {
      StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING
    };
    if (Files.isDirectory(file)) {
      throw new BadInputException(file + " is a directory", "Give the name of a file.");
    }
    try (InputStream in = InitCommand.class.getResourceAsStream(STARTER)) {
      if (in == null) {
        throw new IllegalStateException(STARTER + " is not on the class path");
      }
      Files.write(file, in.readAllBytes(), force ? anyway : fresh);
    } catch (FileAlreadyExistsException e) {
      throw new BadInputException(file + " exists already", "Use --force to overwrite it.");
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println("Wrote " + file + ". Next: stallcast check " + file);
    out.flush();
    return ExitCode.DONE;
  }
}
