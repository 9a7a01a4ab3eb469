package stallcast.coordinator.chaos;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** The network between the processes of a cluster, of which any node can be cut off and healed. */
interface ChaosNetwork extends Closeable {
  /** What a node's traffic suffers. */
  enum State {
    OPEN,
    /** Bytes get lost or wait, as behind a dead switch; connections stay. */
    CUT,
    /** Connections end, and new ones, too. */
    RESET,
    /** Everything is late. */
    DELAYED
  }

  /**
   * A place in the network.
   *
   * @param address where others find the node, {@code HOST:PORT}
   * @param enter words of a command that runs another command there
   * @param options of the JVM of every process there
   * @param words more words of every stallcast command there
   */
  record Place(String address, List<String> enter, List<String> options, List<String> words) {

    /** Copies the lists. */
    public Place {
      enter = List.copyOf(enter);
      options = List.copyOf(options);
      words = List.copyOf(words);
    }
  }

  /** Adds a node. */
  Place add(int node) throws IOException, InterruptedException;

  /** Changes what happens to a node's traffic. */
  void set(int node, State state) throws IOException, InterruptedException;

  @Override
  void close() throws IOException;
}
