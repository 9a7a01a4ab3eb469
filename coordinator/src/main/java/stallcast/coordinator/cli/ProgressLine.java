package stallcast.coordinator.cli;

import java.io.PrintWriter;
import java.util.Locale;
import stallcast.coordinator.cluster.RunProgress;
import stallcast.coordinator.run.ProgressListener;

/**
 * Shows how a run goes on: one line that is rewritten on a terminal, a plain line every ten seconds
 * anywhere else.
 */
final class ProgressLine implements ProgressListener {
  private static final long TERMINAL_EVERY_NS = 500_000_000L;
  private static final long PLAIN_EVERY_NS = 10_000_000_000L;
  private static final int BAR_CELLS = 24;
  private static final double NS_PER_SECOND = 1e9;

  private final PrintWriter err;
  private final boolean terminal;
  private long lastNs;
  private int shown; // length of the line on the terminal

  ProgressLine(PrintWriter err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  /** Whether stderr is a terminal; the launcher knows. */
  static boolean isTerminal() {
    return Boolean.getBoolean("stallcast.stderr.terminal");
  }

  @Override
  public synchronized void update(RunProgress.State state, String headline) {
    long everyNs = terminal ? TERMINAL_EVERY_NS : PLAIN_EVERY_NS;
    if (state.elapsedNs() - lastNs < everyNs) {
      return;
    }
    lastNs = state.elapsedNs();
    String line = line(state, headline);
    if (terminal) {
      err.print("\r" + line + " ".repeat(Math.max(0, shown - line.length())));
      shown = line.length();
    } else {
      err.println(line);
    }
    err.flush();
  }

  private static String line(RunProgress.State state, String headline) {
    double share = (double) state.hostsDone() / state.hosts();
    int full = (int) (share * BAR_CELLS);
    String workers =
        state.workers() == 0
            ? (state.hostsDone() == state.hosts() ? "all hosts are in" : "waiting for workers")
            : state.workers() + (state.workers() == 1 ? " worker" : " workers");
    return String.format(
        Locale.ROOT,
        "[%s%s] %d/%d hosts  %s/s  %s  %s  %s",
        "#".repeat(full),
        ".".repeat(BAR_CELLS - full),
        state.hostsDone(),
        state.hosts(),
        rate(state.hostsPerSecond()),
        eta(state),
        workers,
        headline);
  }

  private static String rate(double perSecond) {
    return String.format(Locale.ROOT, perSecond < 10 ? "%.1f" : "%.0f", perSecond);
  }

  private static String eta(RunProgress.State state) {
    if (state.hostsPerSecond() <= 0) {
      return "ETA -";
    }
    long seconds = Math.round((state.hosts() - state.hostsDone()) / state.hostsPerSecond());
    return seconds < 120
        ? "ETA " + seconds + " s"
        : String.format(Locale.ROOT, "ETA %d:%02d h", seconds / 3600, seconds / 60 % 60);
  }

  /** Clears the line and says how long it took. */
  synchronized void end(long elapsedNs) {
    if (terminal && shown > 0) {
      err.print("\r" + " ".repeat(shown) + "\r");
    }
    err.printf(Locale.ROOT, "done in %.1f s%n", elapsedNs / NS_PER_SECOND);
    err.flush();
  }
}
