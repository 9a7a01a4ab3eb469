package stallcast.worker.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import stallcast.worker.tls.TlsFolder;
import stallcast.worker.tls.TlsFolderException;

/**
 * How a process takes part in a cluster, and the Pekko configuration that follows from it. The
 * unchanging part stands, with its reasons, in {@code stallcast-node.conf}.
 *
 * @param role {@link #COORDINATOR} or {@link #WORKER}
 * @param listen where this process listens
 * @param seed the coordinator's address; its own for the coordinator
 * @param tls folder with tls.key, tls.crt and ca.crt; empty for plain TCP
 * @param insecureNetwork whether plain TCP may leave the loopback device
 * @param joinLimit a worker gives up joining after this long
 * @param stableAfter unreachable members are downed after this long
 */
public record NodeSettings(
    String role,
    NodeAddress listen,
    NodeAddress seed,
    Optional<Path> tls,
    boolean insecureNetwork,
    Duration joinLimit,
    Duration stableAfter) {

  /** Name of every actor system; part of every address. */
  public static final String SYSTEM = "stallcast";

  /** Role of the process that holds the ledger. */
  public static final String COORDINATOR = "coordinator";

  /** Role of the processes that simulate. */
  public static final String WORKER = "worker";

  /** How long members stay unreachable before they are downed. */
  public static final Duration STABLE_AFTER_DEFAULT = Duration.ofSeconds(10);

  /** The configuration of a process without any network: coordinator and worker in one. */
  public static Config embedded() {
    return withBaseline(Map.of("pekko.actor.provider", "local"));
  }

  /**
   * The configuration of this member.
   *
   * @throws IllegalArgumentException if it would speak in clear beyond this machine without being
   *     told to, or its address or TLS folder cannot be used; the message lists every problem, for
   *     the user
   */
  public Config config() {
    List<String> problems = problems();
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
    Map<String, Object> own = new HashMap<>();
    own.put("pekko.actor.provider", "cluster");
    own.put("pekko.remote.artery.transport", tls.isPresent() ? "tls-tcp" : "tcp");
    own.put("pekko.remote.artery.canonical.hostname", listen.host());
    own.put("pekko.remote.artery.canonical.port", listen.port());
    own.put("pekko.cluster.roles", List.of(role));
    own.put(CoordinatorStays.PATIENCE, seconds(stableAfter));
    if (role.equals(WORKER)) {
      own.put("pekko.cluster.seed-nodes", List.of("pekko://" + SYSTEM + "@" + seed));
      own.put("pekko.cluster.shutdown-after-unsuccessful-join-seed-nodes", seconds(joinLimit));
    }
    tls.ifPresent(
        folder -> {
          own.put("pekko.remote.artery.ssl.ssl-engine-provider", NodeTls.class.getName());
          own.put(NodeTls.FOLDER, folder.toAbsolutePath().toString());
        });
    return withBaseline(own);
  }

  /** What keeps this member from taking part, in lines for the user; empty if nothing does. */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    try {
      addressProblem().ifPresent(problems::add);
    } catch (IllegalArgumentException e) {
      problems.add(e.getMessage());
    }
    try {
      tls.ifPresent(folder -> TlsFolder.read(folder, Instant.now()));
    } catch (TlsFolderException e) {
      problems.add(e.getMessage());
    }
    return problems;
  }

  private Optional<String> addressProblem() {
    if (listen.isWildcard()) {
      return Optional.of(
          "will not listen on "
              + listen
              + ": others are told this address and cannot reach it; state one of this machine's"
              + " own addresses or names");
    }
    if (tls.isEmpty() && !insecureNetwork && !listen.isLoopback()) {
      return Optional.of(
          "will not listen on "
              + listen
              + " in clear: give --tls-dir DIR (tls.key, tls.crt, ca.crt; 'stallcast certs' makes"
              + " them), or --insecure-network if everybody who can reach this address may be"
              + " trusted");
    }
    return Optional.empty();
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() + "ms";
  }

  private static Config withBaseline(Map<String, ?> own) {
    LoggerFactory.getILoggerFactory(); // on one thread: SLF4J complains if Pekko's race for it
    Config baseline =
        ConfigFactory.parseResources(
            NodeSettings.class.getClassLoader(),
            "stallcast-node.conf",
            ConfigParseOptions.defaults().setAllowMissing(false));
    return ConfigFactory.defaultOverrides()
        .withFallback(ConfigFactory.parseMap(own))
        .withFallback(baseline)
        .withFallback(ConfigFactory.defaultReferenceUnresolved())
        .resolve();
  }
}
