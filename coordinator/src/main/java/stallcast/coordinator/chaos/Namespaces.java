package stallcast.coordinator.chaos;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Machines of their own: every node in a network namespace with one cable to a switch, which is a
 * namespace, too, so that nothing of this machine's network is touched. Made with {@code ip} and
 * {@code tc} of iproute2, by root.
 */
final class Namespaces implements ChaosNetwork {
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final int PORT = 25_520;
  private static final int OWN_ADDRESS = 10; // last number of the first node's address
  private static final String SWITCH = "switch";

  private final String prefix =
      "stallcast-" + ProcessHandle.current().pid() + "-" + NUMBERS.incrementAndGet() + "-";
  private final TreeSet<Integer> nodes = new TreeSet<>();

  /** A network without nodes. */
  Namespaces() throws IOException, InterruptedException {
    run("ip", "netns", "add", prefix + SWITCH);
    inSwitch("ip", "link", "add", "bridge", "type", "bridge");
    inSwitch("ip", "link", "set", "bridge", "up");
  }

  /** Whether this process may make namespaces. */
  static boolean areAvailable() throws InterruptedException {
    try (Namespaces probe = new Namespaces()) {
      probe.add(0);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static String addressOf(int node) {
    return "10.77.0." + (OWN_ADDRESS + node);
  }

  @Override
  public Place add(int node) throws IOException, InterruptedException {
    String name = prefix + node;
    run("ip", "netns", "add", name);
    nodes.add(node);
    run("ip", "-n", name, "link", "set", "lo", "up");
    plugIn(node);
    return new Place(
        addressOf(node) + ":" + PORT,
        List.of("ip", "netns", "exec", name),
        List.of(),
        List.of("--insecure-network"));
  }

  private void plugIn(int node) throws IOException, InterruptedException {
    String name = prefix + node;
    inSwitch(
        "ip", "link", "add", port(node), "type", "veth", "peer", "name", "eth0", "netns", name);
    inSwitch("ip", "link", "set", port(node), "master", "bridge", "up");
    run("ip", "-n", name, "addr", "add", addressOf(node) + "/24", "dev", "eth0");
    run("ip", "-n", name, "link", "set", "eth0", "up");
  }

  private static String port(int node) {
    return "port" + node;
  }

  @Override
  public void set(int node, State state) throws IOException, InterruptedException {
    switch (state) {
      case OPEN -> {
        tryInSwitch("ip", "link", "del", port(node)); // what is wrong with it goes with it
        plugIn(node);
      }
      case CUT -> inSwitch("ip", "link", "set", port(node), "down");
      case RESET -> inSwitch("ip", "link", "del", port(node));
      case DELAYED -> delay(node);
    }
  }

  /** Kernels without netem get a narrow line, on which everything is late, too. */
  private void delay(int node) throws IOException, InterruptedException {
    String[] add = {"tc", "qdisc", "add", "dev", port(node), "root"};
    if (!tryInSwitch(with(add, "netem", "delay", "150ms"))) {
      inSwitch(with(add, "tbf", "rate", "256kbit", "burst", "4kb", "latency", "2s"));
    }
  }

  private static String[] with(String[] words, String... more) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private void inSwitch(String... words) throws IOException, InterruptedException {
    run(with(new String[] {"ip", "netns", "exec", prefix + SWITCH}, words));
  }

  private boolean tryInSwitch(String... words) throws InterruptedException {
    try {
      inSwitch(words);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void run(String... words) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", words) + ": " + said.strip());
    }
  }

  @Override
  public void close() throws IOException {
    try {
      for (int node : nodes) {
        run("ip", "netns", "del", prefix + node);
      }
      run("ip", "netns", "del", prefix + SWITCH);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
