package stallcast.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import stallcast.worker.tls.Authority;

/** {@code stallcast certs}: a private authority and the keys of the nodes of a cluster. */
@Command(
    name = "certs",
    mixinStandardHelpOptions = true,
    versionProvider = StallcastCommand.Version.class,
    sortOptions = false,
    header = "Makes, shows and renews the keys with which nodes know one another (mutual TLS).",
    description = {
      "A cluster has one authority. Every node has a folder with tls.key, tls.crt and ca.crt for"
          + " --tls-dir; a node is let in if its certificate is of that authority, is valid now and"
          + " carries the name of the cluster.",
      "Everything is a plain PEM file; keys are readable by their owner only. Keep the folder of"
          + " the authority off the cluster: who has ca.key can let anybody in."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      CertsCommand.Init.class,
      CertsCommand.Issue.class,
      CertsShowCommand.class,
      CertsCommand.Renew.class,
    },
    footerHeading = "%n",
    footer = {
      "Examples:",
      "  stallcast certs init authority                  once",
      "  stallcast certs issue authority certs/worker-1  for every node",
      "  stallcast certs show certs/*                    what is there, how long it lasts",
      "  stallcast certs renew authority certs/*         running nodes take new keys",
    })
public final class CertsCommand implements Runnable {
  private static final int DAYS_MAX = 36_500;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter err = spec.commandLine().getErr();
    spec.commandLine().usage(err);
    throw new ParameterException(spec.commandLine(), "Missing command");
  }

  /** What the commands that write have in common: every problem of their arguments at once. */
  @Command
  abstract static class Writing implements Callable<Integer> {
    @Spec private CommandSpec spec;

    /** Adds what is wrong with the arguments. */
    abstract void check(List<String> problems);

    /** Does it. */
    abstract String write() throws IOException;

    @Override
    public Integer call() throws IOException {
      List<String> problems = new ArrayList<>();
      check(problems);
      if (!problems.isEmpty()) {
        throw new BadInputException(String.join("\nstallcast: ", problems), "");
      }
      try {
        String done = write();
        PrintWriter out = spec.commandLine().getOut();
        out.println(done);
        out.flush();
        return ExitCode.DONE;
      } catch (IllegalArgumentException e) {
        throw new BadInputException(e.getMessage(), "");
      }
    }

    static void checkDays(int days, List<String> problems) {
      if (days < 1 || days > DAYS_MAX) {
        problems.add("--days must be 1.." + DAYS_MAX + ", got " + days);
      }
    }

    static void checkName(String option, String name, List<String> problems) {
      if (!Authority.NAME.matcher(name).matches()) {
        problems.add(
            option
                + " must be 1..64 letters, digits, '.', '_' or '-' and begin with a letter or"
                + " digit, got '"
                + name
                + "'");
      }
    }
  }

  /** {@code stallcast certs init}. */
  @Command(
      name = "init",
      mixinStandardHelpOptions = true,
      versionProvider = StallcastCommand.Version.class,
      sortOptions = false,
      header = "Makes the authority of a cluster: ca.key and ca.crt in a new folder.")
  static final class Init extends Writing {
    @Parameters(paramLabel = "AUTHORITY", description = "Folder to make; must be new or empty.")
    private Path authority;

    @Option(
        names = "--cluster",
        paramLabel = "NAME",
        defaultValue = "stallcast",
        description =
            "Common name of all nodes; another cluster is another name. Default:"
                + " ${DEFAULT-VALUE}.")
    private String cluster;

    @Option(
        names = "--days",
        paramLabel = "N",
        defaultValue = "3650",
        description = "How long it is valid. Default: ${DEFAULT-VALUE}.")
    private int days;

    @Override
    void check(List<String> problems) {
      checkName("--cluster", cluster, problems);
      checkDays(days, problems);
    }

    @Override
    String write() throws IOException {
      Authority made = Authority.create(authority, cluster, Instant.now(), Duration.ofDays(days));
      return "Made the authority of cluster "
          + cluster
          + " in "
          + authority
          + ", valid until "
          + made.end()
          + ". Keep "
          + authority.resolve(Authority.KEY_FILE)
          + " secret and off the cluster.\nNext: stallcast certs issue "
          + authority
          + " certs/NODE";
    }
  }

  /** {@code stallcast certs issue}. */
  @Command(
      name = "issue",
      mixinStandardHelpOptions = true,
      versionProvider = StallcastCommand.Version.class,
      sortOptions = false,
      header = "Makes the keys of a node: tls.key, tls.crt and ca.crt in a new folder.",
      description =
          "Bring the folder to the node, over a channel that keeps it secret, and give it to"
              + " --tls-dir. One folder may serve all nodes; one for each tells them apart in"
              + " messages.")
  static final class Issue extends Writing {
    @Parameters(index = "0", paramLabel = "AUTHORITY", description = "Made by 'certs init'.")
    private Path authority;

    @Parameters(
        index = "1",
        paramLabel = "FOLDER",
        description = "Folder to make; must be new or empty.")
    private Path folder;

    @Option(
        names = "--node",
        paramLabel = "NAME",
        description = "Name of the node, for people. Default: the folder's name.")
    private Optional<String> node;

    @Option(
        names = "--days",
        paramLabel = "N",
        defaultValue = "90",
        description = "How long it is valid. Default: ${DEFAULT-VALUE}.")
    private int days;

    private String name() {
      return node.orElseGet(() -> folder.toAbsolutePath().normalize().getFileName() + "");
    }

    @Override
    void check(List<String> problems) {
      checkName("--node", name(), problems);
      checkDays(days, problems);
    }

    @Override
    String write() throws IOException {
      Authority signer = Authority.open(authority, Instant.now());
      signer.issue(folder, name(), Instant.now(), Duration.ofDays(days));
      return "Made the keys of node "
          + name()
          + " of cluster "
          + signer.cluster()
          + " in "
          + folder
          + ". Give it to --tls-dir.";
    }
  }

  /** {@code stallcast certs renew}. */
  @Command(
      name = "renew",
      mixinStandardHelpOptions = true,
      versionProvider = StallcastCommand.Version.class,
      sortOptions = false,
      header = "Replaces key and certificate of nodes; running nodes take them by themselves.",
      description = {
        "A running node looks at its files again within 10 s of a new connection and takes them"
            + " once they fit together; connections that exist live on.",
        "Authorities in the folder's ca.crt stay, and AUTHORITY is added to them. So an authority"
            + " is replaced without a stop: add the new ca.crt to that of every node, renew every"
            + " node with the new authority, then take the old one out of every ca.crt."
      })
  static final class Renew extends Writing {
    @Parameters(index = "0", paramLabel = "AUTHORITY", description = "Made by 'certs init'.")
    private Path authority;

    @Parameters(
        index = "1..*",
        arity = "1..*",
        paramLabel = "FOLDER",
        description = "Folders made by 'certs issue'.")
    private List<Path> folders;

    @Option(
        names = "--days",
        paramLabel = "N",
        defaultValue = "90",
        description = "How long it is valid from now on. Default: ${DEFAULT-VALUE}.")
    private int days;

    @Override
    void check(List<String> problems) {
      checkDays(days, problems);
    }

    @Override
    String write() throws IOException {
      Authority signer = Authority.open(authority, Instant.now());
      List<String> done = new ArrayList<>();
      for (Path folder : folders) {
        String node = signer.renew(folder, Instant.now(), Duration.ofDays(days));
        done.add("Renewed the keys of node " + node + " in " + folder + ".");
      }
      return String.join("\n", done);
    }
  }
}
