package stallcast.worker.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What a node shows and whom it trusts.
 *
 * @param key private key of the first certificate of the chain
 * @param chain the node's certificate, then those between it and the authority
 * @param authorities whose nodes are let in; more than one while an authority is replaced
 */
public record NodeKeys(
    PrivateKey key, List<X509Certificate> chain, List<X509Certificate> authorities) {

  /** The node's own certificate. */
  public X509Certificate certificate() {
    return chain.get(0);
  }
}
