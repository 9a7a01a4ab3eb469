package stallcast.coordinator.chaos;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The network between the processes of a cluster: one door per node, through which everybody else
 * reaches it, and which tells by the caller's address who that is. A node can be cut off (bytes
 * wait, as behind a dead switch), reset (connections end) or delayed, and healed.
 */
final class CutNetwork implements ChaosNetwork {
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final int DELAY_MS = 150;
  private static final int PORT_MIN = 20_000; // below what the system gives to callers
  private static final int PORT_MAX = 30_000;
  private static final int OWN_ADDRESS = 10; // last number of the first node's address

  private final Map<Integer, State> states = new HashMap<>(); // by node
  private final List<Socket> sockets = new ArrayList<>();
  private final List<ServerSocket> doors = new ArrayList<>();
  private boolean closed;

  /** The address from which a node calls others. */
  private static String addressOf(int node) {
    return "127.0.0." + (OWN_ADDRESS + node);
  }

  /** 127.0.0.1, whatever the machine prefers. */
  private static InetAddress loopback() throws IOException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
  }

  private static int nodeOf(InetAddress address) {
    return (address.getAddress()[3] & 0xff) - OWN_ADDRESS;
  }

  @Override
  public Place add(int node) throws IOException {
    String artery = "-Dpekko.remote.artery.";
    int port = freePort();
    return new Place(
        "127.0.0.1:" + open(node, port),
        List.of(),
        List.of(
            artery + "bind.hostname=127.0.0.1",
            artery + "bind.port=" + port,
            artery + "advanced.tcp.outbound-client-hostname=" + addressOf(node)),
        List.of());
  }

  private static int freePort() throws IOException {
    int candidate = ThreadLocalRandom.current().nextInt(PORT_MIN, PORT_MAX);
    while (!isFree(candidate)) {
      candidate = ThreadLocalRandom.current().nextInt(PORT_MIN, PORT_MAX);
    }
    return candidate;
  }

  private static boolean isFree(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket(port, 1, loopback())) {
      return socket.isBound();
    } catch (BindException e) {
      return false;
    }
  }

  /** Opens the door to a node's port. */
  private int open(int node, int port) throws IOException {
    ServerSocket door = new ServerSocket(0, 50, loopback());
    synchronized (this) {
      doors.add(door);
      states.put(node, State.OPEN);
    }
    start("door-" + node, () -> accept(door, node, port));
    return door.getLocalPort();
  }

  @Override
  public synchronized void set(int node, State state) {
    states.put(node, state);
    notifyAll();
  }

  private synchronized State between(int one, int other) {
    State first = states.getOrDefault(one, State.OPEN);
    State second = states.getOrDefault(other, State.OPEN);
    return first.compareTo(State.OPEN) > 0 ? first : second;
  }

  private void accept(ServerSocket door, int node, int port) {
    while (!door.isClosed()) {
      try {
        Socket caller = door.accept();
        int from = nodeOf(caller.getInetAddress());
        remember(caller);
        start("link", () -> connect(caller, from, node, port));
      } catch (IOException e) {
        return; // closed: the run is over
      }
    }
  }

  private synchronized void remember(Socket socket) throws IOException {
    sockets.add(socket);
    if (closed) {
      socket.close();
    }
  }

  private void connect(Socket caller, int from, int to, int port) {
    try {
      pass(from, to);
      Socket callee = new Socket(loopback(), port);
      remember(callee);
      start("link", () -> pump(callee, caller, from, to));
      pump(caller, callee, from, to);
    } catch (IOException e) {
      closeQuietly(caller); // as if nobody listened
    }
  }

  private void pump(Socket source, Socket sink, int from, int to) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      int count = source.getInputStream().read(buffer);
      while (count >= 0) {
        pass(from, to);
        sink.getOutputStream().write(buffer, 0, count);
        count = source.getInputStream().read(buffer);
      }
    } catch (IOException e) {
      // One side is gone, or has to go: so has the other.
    } finally {
      closeQuietly(source);
      closeQuietly(sink);
    }
  }

  /** Waits as long as the way is cut. */
  private void pass(int from, int to) throws IOException {
    try {
      synchronized (this) {
        while (between(from, to) == State.CUT && !closed) {
          wait();
        }
        if (between(from, to) == State.RESET || closed) {
          throw new IOException("reset");
        }
      }
      if (between(from, to) == State.DELAYED) {
        TimeUnit.MILLISECONDS.sleep(DELAY_MS);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      return; // it is gone already
    }
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    notifyAll();
    for (ServerSocket door : doors) {
      door.close();
    }
    sockets.forEach(CutNetwork::closeQuietly);
  }
}
