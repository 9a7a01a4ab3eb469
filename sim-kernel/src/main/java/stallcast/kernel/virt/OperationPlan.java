package stallcast.kernel.virt;

import java.util.Arrays;
import stallcast.kernel.random.RandomStream;
import stallcast.kernel.random.StreamPurpose;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.OperationSpec.Occurrence;

/**
 * When operations hit one host, over its whole horizon, in order of time. Drawn before anything is
 * simulated, so that windows can be laid around them.
 *
 * <p>Models: Poisson, counted and listed occurrences. State: [occurrence] instant and operation,
 * sorted by instant, then by operation.
 */
public final class OperationPlan {
  private static final double NS_PER_SECOND = 1e9;

  /** Replicate number of the instants; occurrence i uses i + 1. */
  private static final int INSTANTS = 0;

  private final RandomStream stream = new RandomStream();
  private long[] atNs = new long[16]; // [occurrence]
  private int[] operation = new int[16]; // [occurrence]
  private int size;

  /** Draws the plan of a host. @param horizonNs length of the run, ns */
  public void draw(HostConfig config, long masterSeed, long horizonNs) {
    size = 0;
    for (int op = 0; op < config.operations().size(); op++) {
      HostConfig.Operation drawn = config.operations().get(op);
      stream.derive(masterSeed, StreamPurpose.MIGRATION, 0, config.hostIndex(), INSTANTS, op);
      Occurrence occurrence = drawn.spec().occurrence();
      if (occurrence instanceof Occurrence.At listed) {
        for (int i = 0; i < listed.atNs().size(); i++) {
          add(Math.round(listed.atNs().get(i).sample(stream)), op, horizonNs);
        }
      } else if (occurrence instanceof Occurrence.Times) {
        for (int i = 0; i < drawn.times(); i++) {
          add((long) (stream.nextDouble() * horizonNs), op, horizonNs);
        }
      } else {
        poisson(drawn.ratePerSecond(), op, horizonNs);
      }
    }
    sort();
  }

  private void poisson(double perSecond, int op, long horizonNs) {
    if (perSecond <= 0) {
      return;
    }
    double at = 0;
    while (true) {
      at += stream.nextExponential() / perSecond * NS_PER_SECOND;
      if (at >= horizonNs) {
        return;
      }
      add((long) at, op, horizonNs);
    }
  }

  private void add(long instantNs, int op, long horizonNs) {
    if (instantNs < 0 || instantNs >= horizonNs) {
      return;
    }
    if (size == atNs.length) {
      atNs = Arrays.copyOf(atNs, 2 * size);
      operation = Arrays.copyOf(operation, 2 * size);
    }
    atNs[size] = instantNs;
    operation[size] = op;
    size++;
  }

  /** Insertion sort: plans are short and nearly in order. */
  private void sort() {
    for (int i = 1; i < size; i++) {
      long at = atNs[i];
      int op = operation[i];
      int j = i;
      while (j > 0 && atNs[j - 1] > at) {
        atNs[j] = atNs[j - 1];
        operation[j] = operation[j - 1];
        j--;
      }
      atNs[j] = at;
      operation[j] = op;
    }
  }

  /** Number of occurrences. */
  public int size() {
    return size;
  }

  /** Instant of an occurrence, engine time, ns. */
  public long atNs(int occurrence) {
    return atNs[occurrence];
  }

  /** Which operation of the host it is. */
  public int operation(int occurrence) {
    return operation[occurrence];
  }
}
