package stallcast.worker.cluster;

import java.nio.file.Path;
import java.time.Clock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.remote.artery.tcp.SSLEngineProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;
import stallcast.worker.tls.KeyRing;
import stallcast.worker.tls.Refusals;
import stallcast.worker.tls.ToldEngine;

/**
 * Mutual TLS 1.3 for Pekko's transport; named in the configuration by {@link NodeSettings}.
 *
 * <p>Pekko's own provider of rotating keys takes RSA keys only, keeps a reason to itself when it
 * refuses, and fails while the files are being replaced.
 */
public final class NodeTls implements SSLEngineProvider {
  /** Key of the configuration: the folder with the keys. */
  static final String FOLDER = "stallcast.tls-dir";

  private static final Logger LOG = LoggerFactory.getLogger("stallcast.tls");
  private static final String[] PROTOCOLS = {"TLSv1.3"};

  private final KeyRing keys;
  private final Refusals refusals = new Refusals(Clock.systemUTC(), LOG::warn);

  /** Made by Pekko. */
  public NodeTls(ActorSystem system) {
    Path folder = Path.of(system.settings().config().getString(FOLDER));
    keys = new KeyRing(folder, Clock.systemUTC(), LOG::warn);
  }

  @Override
  public SSLEngine createServerSSLEngine(String ownHost, int ownPort) {
    SSLEngine engine = keys.context().createSSLEngine();
    engine.setUseClientMode(false);
    engine.setNeedClientAuth(true);
    return told(engine, "a node");
  }

  @Override
  public SSLEngine createClientSSLEngine(String host, int port) {
    SSLEngine engine = keys.context().createSSLEngine(host, port);
    engine.setUseClientMode(true);
    return told(engine, "the node at " + new NodeAddress(host, port));
  }

  private SSLEngine told(SSLEngine engine, String peer) {
    engine.setEnabledProtocols(PROTOCOLS);
    return new ToldEngine(engine, (SSLException e) -> refusals.onFailure(peer, e));
  }

  /** The certificate was judged in the handshake. */
  @Override
  public Option<Throwable> verifyClientSession(String hostname, SSLSession session) {
    return Option.empty();
  }

  /** The certificate was judged in the handshake. */
  @Override
  public Option<Throwable> verifyServerSession(String hostname, SSLSession session) {
    return Option.empty();
  }
}
