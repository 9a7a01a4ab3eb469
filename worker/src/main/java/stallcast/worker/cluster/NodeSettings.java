package stallcast.worker.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * How a process takes part in a cluster, and the Pekko configuration that follows from it. The
 * unchanging part stands, with its reasons, in {@code stallcast-node.conf}.
 *
 * @param role {@link #COORDINATOR} or {@link #WORKER}
 * @param listen where this process listens
 * @param seed the coordinator's address; its own for the coordinator
 * @param tls folder with tls.key (RSA), tls.crt and ca.crt; empty for plain TCP
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

  private static final List<String> TLS_FILES = List.of("tls.key", "tls.crt", "ca.crt");

  /** The configuration of a process without any network: coordinator and worker in one. */
  public static Config embedded() {
    return withBaseline(Map.of("pekko.actor.provider", "local"));
  }

  /**
   * The configuration of this member.
   *
   * @throws IllegalArgumentException if it would speak in clear beyond this machine without being
   *     told to, or a TLS file is missing; the message is for the user
   */
  public Config config() {
    checkSecrecy();
    Map<String, Object> own = new HashMap<>();
    own.put("pekko.actor.provider", "cluster");
    own.put("pekko.remote.artery.transport", tls.isPresent() ? "tls-tcp" : "tcp");
    own.put("pekko.remote.artery.canonical.hostname", listen.host());
    own.put("pekko.remote.artery.canonical.port", listen.port());
    own.put("pekko.cluster.roles", List.of(role));
    own.put("pekko.cluster.split-brain-resolver.stable-after", seconds(stableAfter));
    if (role.equals(WORKER)) {
      own.put("pekko.cluster.seed-nodes", List.of("pekko://" + SYSTEM + "@" + seed));
      own.put("pekko.cluster.shutdown-after-unsuccessful-join-seed-nodes", seconds(joinLimit));
    }
    tls.ifPresent(folder -> addTls(own, folder));
    return withBaseline(own);
  }

  private void checkSecrecy() {
    if (tls.isEmpty() && !insecureNetwork && !listen.isLoopback()) {
      throw new IllegalArgumentException(
          "will not listen on "
              + listen
              + " in clear: give --tls-dir DIR (tls.key, tls.crt, ca.crt), or --insecure-network"
              + " if everybody who can reach this address may be trusted");
    }
  }

  private static void addTls(Map<String, Object> own, Path folder) {
    for (String file : TLS_FILES) {
      if (!Files.isReadable(folder.resolve(file))) {
        throw new IllegalArgumentException("cannot read " + folder.resolve(file));
      }
    }
    String prefix = "pekko.remote.artery.ssl.";
    String engine = prefix + "rotating-keys-engine.";
    own.put(
        prefix + "ssl-engine-provider",
        "org.apache.pekko.remote.artery.tcp.ssl.RotatingKeysSSLEngineProvider");
    own.put(engine + "key-file", folder.resolve("tls.key").toString());
    own.put(engine + "cert-file", folder.resolve("tls.crt").toString());
    own.put(engine + "ca-cert-file", folder.resolve("ca.crt").toString());
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
