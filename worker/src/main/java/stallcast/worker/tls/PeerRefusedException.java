package stallcast.worker.tls;

import java.security.cert.CertificateException;

/** A peer's certificate is not what ours must be; the message says why. */
final class PeerRefusedException extends CertificateException {
  private static final long serialVersionUID = 1L;

  PeerRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
