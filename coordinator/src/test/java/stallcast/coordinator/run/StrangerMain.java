package stallcast.coordinator.run;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import stallcast.worker.tls.Pem;

/**
 * A process that wants into a cluster with keys that a Stallcast process would not even start with:
 * it shows what is in a folder, or nothing, and believes whatever it is shown.
 */
final class StrangerMain {
  private StrangerMain() {}

  /** Arguments: port and folder, or port alone. */
  public static void main(String[] arguments) throws GeneralSecurityException, IOException {
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    KeyManager[] own = arguments.length > 1 ? keys(Path.of(arguments[1])) : null;
    context.init(own, new TrustManager[] {new Believes()}, null);
    try (Socket socket =
        context.getSocketFactory().createSocket("127.0.0.1", Integer.parseInt(arguments[0]))) {
      ((SSLSocket) socket).startHandshake();
      socket.getOutputStream().write(new byte[] {'A', 'K', 'K', 'A', 1}); // ordinary messages
      socket.getOutputStream().flush();
      int answer = socket.getInputStream().read(); // in TLS 1.3 a client learns its fate here
      System.out.println("let in, answer " + answer);
    } catch (IOException e) {
      System.out.println("not let in: " + e.getMessage());
    }
  }

  private static KeyManager[] keys(Path folder) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "node",
        Pem.privateKey(Files.readString(folder.resolve("tls.key"))),
        new char[0],
        Pem.certificates(Files.readString(folder.resolve("tls.crt")))
            .toArray(X509Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  private static final class Believes extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
