package stallcast.coordinator.scenario;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;
import stallcast.coordinator.scenario.yaml.Position;
import stallcast.coordinator.scenario.yaml.SourceException;
import stallcast.coordinator.scenario.yaml.SourceNode;
import stallcast.kernel.random.TraceArrivals;

/**
 * The text of a recording: one instant per line, in seconds since the start, ascending. A header
 * {@code time}, blank lines and lines that start with {@code #} are skipped. Instants are rounded
 * to whole ns.
 */
final class TraceCsv {
  /** Most lines of a recording. */
  static final int LINES_MAX = 1_000_000;

  private static final Pattern INSTANT =
      Pattern.compile("(?:[0-9]{1,15}(?:\\.[0-9]{0,30})?|\\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,3})?");
  private static final String HEADER = "time";
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final int NS_DIGITS = 9; // decimals of a second
  private static final BigDecimal NS_MAX = new BigDecimal(TraceArrivals.TOTAL_NS_MAX);

  private final byte[] bytes;
  private final String source;
  private int line;
  private double[] gapsNs = new double[1024]; // [arrivals], then unused
  private int arrivals;
  private long lastNs;
  private String lastText = "0";

  private TraceCsv(byte[] bytes, String source) {
    this.bytes = bytes;
    this.source = source;
  }

  /**
   * Reads a recording.
   *
   * @param bytes the file
   * @param source what messages call it
   * @return the gap before each arrival, ns, the first one from the start; at least one
   * @throws SourceException at the first line that is wrong
   */
  static double[] gapsNs(byte[] bytes, String source) throws SourceException {
    TraceCsv csv = new TraceCsv(bytes, source);
    csv.readLines();
    return Arrays.copyOf(csv.gapsNs, csv.arrivals);
  }

  private void readLines() throws SourceException {
    int mark = BYTE_ORDER_MARK.length;
    boolean marked =
        bytes.length >= mark && Arrays.equals(bytes, 0, mark, BYTE_ORDER_MARK, 0, mark);
    int start = marked ? mark : 0;
    boolean headed = false;
    while (start < bytes.length) {
      line++;
      if (line > LINES_MAX) {
        throw fault("a trace can have at most " + LINES_MAX + " lines");
      }
      int end = start;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      String text = line(start, end);
      start = end + 1;
      if (text.equals(HEADER) && arrivals == 0 && !headed) {
        headed = true;
      } else if (!text.isEmpty() && text.charAt(0) != '#') {
        add(text);
      }
    }
    if (arrivals == 0) {
      line = Math.max(1, line);
      throw fault("the trace has no instant");
    }
  }

  private String line(int start, int end) throws SourceException {
    for (int i = start; i < end; i++) {
      boolean blank = bytes[i] == '\t' || bytes[i] == '\r';
      if (bytes[i] >= 0 && bytes[i] < ' ' && !blank) {
        throw fault("is not a text file (it has the byte " + bytes[i] + ")");
      }
    }
    return new String(bytes, start, end - start, StandardCharsets.UTF_8).strip();
  }

  private void add(String text) throws SourceException {
    if (!INSTANT.matcher(text).matches()) {
      String got = ", got '" + SourceNode.shortened(text) + "'";
      throw fault("must be one instant in seconds such as 0.00075" + got);
    }
    BigDecimal ns = new BigDecimal(text).movePointRight(NS_DIGITS);
    ns = ns.setScale(0, RoundingMode.HALF_EVEN);
    if (ns.compareTo(NS_MAX) > 0) {
      throw fault("must be below 2^53 ns (104 days), got " + text);
    }
    long atNs = ns.longValueExact();
    if (atNs <= lastNs) {
      String before = arrivals == 0 ? "the start" : lastText;
      throw fault("must be at least 1ns after " + before + ", got " + text);
    }
    if (arrivals == gapsNs.length) {
      gapsNs = Arrays.copyOf(gapsNs, 2 * arrivals);
    }
    gapsNs[arrivals++] = atNs - lastNs;
    lastNs = atNs;
    lastText = text;
  }

  private SourceException fault(String message) {
    return new SourceException(new Position(source, line, 1), message);
  }
}
