package stallcast.kernel.random;

import java.util.Arrays;

/**
 * One running arrival process: gives gaps between arrivals in whole nanoseconds.
 *
 * <p>Arrival times are kept exact in a double offset from the last arrival reported and rounded
 * down when reported, so that rounding neither accumulates nor changes the rate. Gaps are at least
 * 1 ns; what that delays is made up by shorter gaps later. All processes start in their stationary
 * regime, except that a {@link Periodic} one starts at a fixed phase and a {@link TraceArrivals}
 * one at its begin.
 *
 * <p>ON/OFF sources need no identity: two with the same period end and the same phase are
 * interchangeable, hence the pending ends are a heap of longs, {@code end << 1 | isOn}. Memory is
 * fixed by {@link #start}; {@link #nextGapNs} allocates nothing.
 */
public final class ArrivalState {
  /** A gap longer than any run; it is the answer when nothing arrives any more. About 146 years. */
  public static final long NEVER_NS = 1L << 62;

  private static final long END_MAX_NS = NEVER_NS - 1; // an end beyond any run; fits a heap key
  private static final double ARRIVALS_PER_PERIOD_MIN = 1e-6; // bounds the work of one gap
  private static final int SCALAR_LONGS = 4; // what every process saves

  private ArrivalProcess process = new PoissonArrivals(0);
  private double[] meanGapNs = new double[1]; // [stateCount], infinite where nothing arrives
  private double[] meanSojournNs = new double[0]; // [stateCount] of an Mmpp
  private long[] pendingEnds = new long[0]; // [sources] heap of an OnOff, keys as above

  private long lastArrivalNs; // time of the last reported arrival since the start
  private double offsetNs; // exact time reached, from lastArrivalNs; may be behind it
  private double sojournEndNs; // end of the state's sojourn, from lastArrivalNs (Mmpp)
  private int state; // current state (Mmpp), sources that are ON (OnOff), or arrivals given (trace)

  /** Makes a state in which nothing ever arrives; {@link #start} gives it a process. */
  public ArrivalState() {
    meanGapNs[0] = Double.POSITIVE_INFINITY;
  }

  /** Refuses a process that would change its state more than a million times per arrival. */
  static void requireWork(double arrivalsPerPeriod) {
    Parameter.inRange(
        "expected arrivals per period",
        arrivalsPerPeriod,
        ARRIVALS_PER_PERIOD_MIN,
        Double.MAX_VALUE);
  }

  /**
   * Starts a process from time 0.
   *
   * @param p the process
   * @param s the stream of its initial state
   */
  public void start(ArrivalProcess p, RandomStream s) {
    process = p;
    lastArrivalNs = 0;
    offsetNs = 0;
    sojournEndNs = 0;
    state = 0;
    meanSojournNs = new double[0];
    pendingEnds = new long[0];
    if (p instanceof PoissonArrivals poisson) {
      meanGapNs = new double[] {meanGapNs(poisson.perSecond())};
    } else if (p instanceof Mmpp mmpp) {
      startMmpp(mmpp, s);
    } else if (p instanceof OnOff onOff) {
      startOnOff(onOff, s);
    }
  }

  private static double meanGapNs(double perSecond) {
    return ArrivalProcess.NS_PER_SECOND / perSecond;
  }

  private void startMmpp(Mmpp mmpp, RandomStream s) {
    meanGapNs = Arrays.stream(mmpp.ratesPerSecond()).map(ArrivalState::meanGapNs).toArray();
    meanSojournNs = mmpp.meanSojournNs();
    state = Weights.indexAt(Weights.cumulativeShares(meanSojournNs), s.nextOpenDouble());
    sojournEndNs = meanSojournNs[state] * s.nextExponential();
  }

  private void startOnOff(OnOff onOff, RandomStream s) {
    meanGapNs = new double[] {meanGapNs(onOff.onRatePerSecond())};
    pendingEnds = new long[onOff.sources()];
    for (int i = 0; i < pendingEnds.length; i++) {
      boolean on = s.nextDouble() < onOff.onShare();
      double rest = ResidualLife.quantile(on ? onOff.onNs() : onOff.offNs(), s.nextOpenDouble());
      pendingEnds[i] = key(0, rest, on);
      state += on ? 1 : 0;
    }
    Arrays.sort(pendingEnds); // an ascending array is a heap
  }

  /**
   * Returns the gap from the last arrival, or from the start, to the next.
   *
   * @param s the stream of the process
   * @return gap in ns; at least 1; {@link #NEVER_NS} if it is no shorter than that, and then for
   *     ever
   */
  public long nextGapNs(RandomStream s) {
    if (process instanceof Periodic periodic) {
      return periodic.periodNs();
    }
    if (process instanceof TraceArrivals trace) {
      return nextTraceGapNs(trace);
    }
    if (offsetNs == Double.POSITIVE_INFINITY) {
      return NEVER_NS;
    }
    if (process instanceof PoissonArrivals) {
      offsetNs += meanGapNs[0] * s.nextExponential();
    } else if (process instanceof Mmpp) {
      moveToMmppArrival(s);
    } else if (process instanceof OnOff onOff) {
      moveToOnOffArrival(onOff, s);
    }
    if (!(offsetNs < NEVER_NS - lastArrivalNs)) {
      offsetNs = Double.POSITIVE_INFINITY;
      return NEVER_NS;
    }
    long gapNs = Math.max(1, (long) offsetNs);
    lastArrivalNs += gapNs;
    offsetNs -= gapNs;
    sojournEndNs -= gapNs;
    return gapNs;
  }

  private long nextTraceGapNs(TraceArrivals trace) {
    if (state == trace.arrivals()) {
      if (!trace.repeat()) {
        return NEVER_NS;
      }
      state = 0;
    }
    return trace.gapNs(state++);
  }

  private void moveToMmppArrival(RandomStream s) {
    while (true) {
      double arrivalNs = offsetNs + meanGapNs[state] * s.nextExponential();
      if (arrivalNs < sojournEndNs) {
        offsetNs = arrivalNs;
        return;
      }
      offsetNs = sojournEndNs; // both clocks are memoryless: the lost draw biases nothing
      int states = meanGapNs.length;
      int step = states == 2 ? 1 : 1 + (int) s.nextBelow(states - 1);
      state = (state + step) % states;
      sojournEndNs = offsetNs + meanSojournNs[state] * s.nextExponential();
    }
  }

  private void moveToOnOffArrival(OnOff onOff, RandomStream s) {
    while (true) {
      long endNs = pendingEnds[0] >> 1;
      double endOffsetNs = endNs - lastArrivalNs;
      double arrivalNs =
          state == 0
              ? Double.POSITIVE_INFINITY
              : offsetNs + meanGapNs[0] / state * s.nextExponential();
      if (arrivalNs < endOffsetNs) {
        offsetNs = arrivalNs;
        return;
      }
      if (endNs == END_MAX_NS) {
        offsetNs = Double.POSITIVE_INFINITY;
        return;
      }
      offsetNs = endOffsetNs;
      boolean on = (pendingEnds[0] & 1) == 0; // the phase that begins
      state += on ? 1 : -1;
      double periodNs = (on ? onOff.onNs() : onOff.offNs()).sample(s);
      replaceFirst(key(endNs, periodNs, on));
    }
  }

  /**
   * Returns the heap key of a phase that lasts from a time for at least 1 ns, rounded to whole ns.
   */
  private static long key(long fromNs, double durationNs, boolean on) {
    long roundedNs = Math.max(1, (long) Math.rint(Math.min(durationNs, NEVER_NS)));
    return Math.min(END_MAX_NS, fromNs + roundedNs) << 1 | (on ? 1 : 0);
  }

  private void replaceFirst(long key) {
    int hole = 0;
    int child = 1;
    while (child < pendingEnds.length) {
      if (child + 1 < pendingEnds.length && pendingEnds[child + 1] < pendingEnds[child]) {
        child++;
      }
      if (key <= pendingEnds[child]) {
        break;
      }
      pendingEnds[hole] = pendingEnds[child];
      hole = child;
      child = 2 * hole + 1;
    }
    pendingEnds[hole] = key;
  }

  /** Returns how many longs {@link #save} writes for the process that was started. */
  public int stateLongs() {
    return SCALAR_LONGS + pendingEnds.length;
  }

  /**
   * Writes the mutable state; the process itself is not part of it.
   *
   * @param into receives {@link #stateLongs} longs
   * @param at first position written
   * @return the position after the last one written
   */
  public int save(long[] into, int at) {
    into[at] = lastArrivalNs;
    into[at + 1] = Double.doubleToRawLongBits(offsetNs);
    into[at + 2] = Double.doubleToRawLongBits(sojournEndNs);
    into[at + 3] = state;
    System.arraycopy(pendingEnds, 0, into, at + SCALAR_LONGS, pendingEnds.length);
    return at + stateLongs();
  }

  /**
   * Takes over a state written by {@link #save}, by an instance that was started with an equal
   * process.
   *
   * @param from holds {@link #stateLongs} longs
   * @param at first position read
   * @return the position after the last one read
   */
  public int restore(long[] from, int at) {
    lastArrivalNs = from[at];
    offsetNs = Double.longBitsToDouble(from[at + 1]);
    sojournEndNs = Double.longBitsToDouble(from[at + 2]);
    state = (int) from[at + 3];
    System.arraycopy(from, at + SCALAR_LONGS, pendingEnds, 0, pendingEnds.length);
    return at + stateLongs();
  }
}
