package stallcast.coordinator.store;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import stallcast.worker.shard.OutcomeBlock;
import stallcast.worker.shard.OutcomeBlock.HostFailure;
import stallcast.worker.shard.OutcomeBlock.IncidentRows;

/**
 * An outcome block put aside in a work file until the hosts before it are in. Read back only by the
 * process that wrote it, so the format has no version.
 */
final class BlockFile {
  private BlockFile() {}

  static void write(OutcomeBlock block, OutputStream file) throws IOException {
    try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(file))) {
      out.writeLong(block.firstHost());
      out.writeInt(block.rows());
      put(out, block.stratum());
      out.writeInt(block.config().length);
      for (double[] column : block.config()) {
        put(out, column);
      }
      out.writeInt(block.counts().length);
      for (int[] column : block.counts()) {
        put(out, column);
      }
      put(out, block.firstNs());
      put(out, block.longestNs());
      put(out, block.measures());
      put(out, block.endReason());
      put(out, block.operations());
      put(out, block.events());
      write(block.incidents(), out);
      out.writeInt(block.failures().size());
      for (HostFailure failure : block.failures()) {
        out.writeLong(failure.host());
        out.writeUTF(failure.message());
      }
    }
  }

  static OutcomeBlock read(InputStream file) throws IOException {
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(file))) {
      long firstHost = in.readLong();
      int rows = in.readInt();
      int[] stratum = ints(in);
      double[][] config = new double[in.readInt()][];
      for (int c = 0; c < config.length; c++) {
        config[c] = doubles(in);
      }
      int[][] counts = new int[in.readInt()][];
      for (int c = 0; c < counts.length; c++) {
        counts[c] = ints(in);
      }
      return new OutcomeBlock(
          firstHost,
          rows,
          stratum,
          config,
          counts,
          longColumns(in),
          longColumns(in),
          longColumns(in),
          ints(in),
          ints(in),
          longs(in),
          readIncidents(in),
          readFailures(in));
    }
  }

  private static void write(IncidentRows rows, DataOutputStream out) throws IOException {
    put(out, rows.row());
    put(out, rows.kind());
    put(out, rows.startNs());
    put(out, rows.endNs());
    put(out, rows.detectedNs());
    put(out, rows.cpu());
    put(out, rows.template());
    put(out, rows.taskIndex());
    put(out, rows.branch());
    put(out, rows.peakRtTimeNs());
    put(out, rows.residualRtTimeNs());
    put(out, rows.refills());
    put(out, rows.tasksHeld());
    put(out, rows.reports());
    put(out, rows.printedSeconds());
    put(out, rows.parent());
    put(out, rows.operation());
    put(out, rows.occurrence());
  }

  private static IncidentRows readIncidents(DataInputStream in) throws IOException {
    return new IncidentRows(
        ints(in), ints(in), longs(in), longs(in), longs(in), ints(in), ints(in), ints(in), ints(in),
        longs(in), longs(in), ints(in), ints(in), ints(in), ints(in), ints(in), ints(in), ints(in));
  }

  private static List<HostFailure> readFailures(DataInputStream in) throws IOException {
    int size = in.readInt();
    List<HostFailure> failures = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      failures.add(new HostFailure(in.readLong(), in.readUTF()));
    }
    return failures;
  }

  private static void put(DataOutputStream out, int[] values) throws IOException {
    out.writeInt(values.length);
    for (int value : values) {
      out.writeInt(value);
    }
  }

  private static void put(DataOutputStream out, long[] values) throws IOException {
    out.writeInt(values.length);
    for (long value : values) {
      out.writeLong(value);
    }
  }

  private static void put(DataOutputStream out, double[] values) throws IOException {
    out.writeInt(values.length);
    for (double value : values) {
      out.writeDouble(value);
    }
  }

  private static void put(DataOutputStream out, long[][] columns) throws IOException {
    out.writeInt(columns.length);
    for (long[] column : columns) {
      put(out, column);
    }
  }

  private static int[] ints(DataInputStream in) throws IOException {
    int[] values = new int[in.readInt()];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readInt();
    }
    return values;
  }

  private static long[] longs(DataInputStream in) throws IOException {
    long[] values = new long[in.readInt()];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readLong();
    }
    return values;
  }

  private static double[] doubles(DataInputStream in) throws IOException {
    double[] values = new double[in.readInt()];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readDouble();
    }
    return values;
  }

  private static long[][] longColumns(DataInputStream in) throws IOException {
    long[][] columns = new long[in.readInt()][];
    for (int c = 0; c < columns.length; c++) {
      columns[c] = longs(in);
    }
    return columns;
  }
}
