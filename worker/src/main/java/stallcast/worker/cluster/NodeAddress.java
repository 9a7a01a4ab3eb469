package stallcast.worker.cluster;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;

/**
 * Where a process listens.
 *
 * @param host name or address that others can reach
 * @param port 1..65535, or 0 for any free one
 */
public record NodeAddress(String host, int port) {
  private static final int PORT_MAX = 65_535;

  /** Checks the range of the port. */
  public NodeAddress {
    if (host.isBlank() || port < 0 || port > PORT_MAX) {
      throw new IllegalArgumentException("'" + host + ":" + port + "' is no HOST:PORT");
    }
  }

  /** Any free port of the loopback device. */
  public static NodeAddress loopback() {
    return new NodeAddress("127.0.0.1", 0);
  }

  /**
   * Reads {@code HOST:PORT}; an IPv6 address stands in brackets.
   *
   * @throws IllegalArgumentException if the text is none
   */
  public static NodeAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException("'" + text + "' is no HOST:PORT");
    }
    String host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    return new NodeAddress(
        bracketed ? host.substring(1, host.length() - 1) : host,
        Integer.parseInt(text.substring(colon + 1)));
  }

  /** The local address from which {@code peer} is reached, with any free port. */
  public static NodeAddress facing(NodeAddress peer) {
    if (peer.isLoopback()) {
      return loopback();
    }
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(peer.host, Math.max(1, peer.port))); // sends nothing
      return new NodeAddress(socket.getLocalAddress().getHostAddress(), 0);
    } catch (SocketException | java.io.UncheckedIOException e) {
      throw new IllegalArgumentException("no route to " + peer + "; state --listen HOST:PORT", e);
    }
  }

  /** Whether only this machine can reach it. */
  public boolean isLoopback() {
    return resolved().isLoopbackAddress();
  }

  /** Whether it stands for every address of this machine, as 0.0.0.0 does. */
  public boolean isWildcard() {
    return resolved().isAnyLocalAddress();
  }

  private InetAddress resolved() {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("unknown host '" + host + "'", e);
    }
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
