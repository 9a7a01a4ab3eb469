package stallcast.kernel.random;

import java.util.Arrays;

/**
 * A Markov-modulated Poisson process: Poisson arrivals whose rate jumps with a Markov chain.
 *
 * <p>Sojourns are exponential. With two states the chain alternates; with more, the next state is
 * one of the others with equal chance. Both chains visit all states equally often, hence the share
 * of time in a state is its mean sojourn over the sum of all.
 *
 * <p>A class and not a record, because its arrays are copied and compared by content.
 */
public final class Mmpp implements ArrivalProcess {
  private final double[] ratesPerSecond; // [stateCount]
  private final double[] meanSojournNs; // [stateCount]

  /**
   * Makes the process.
   *
   * @param ratesPerSecond arrival rate in each state, at least two states; in [0, 1e9], not all 0
   * @param meanSojournNs mean length of a stay in each state in ns; finite, above 0; long enough
   *     that at least one arrival is expected per million stays
   * @throws IllegalArgumentException if the parameters are not as stated
   */
  public Mmpp(double[] ratesPerSecond, double[] meanSojournNs) {
    this.ratesPerSecond = ratesPerSecond.clone();
    this.meanSojournNs = meanSojournNs.clone();
    Parameter.inRange("number of ratesPerSecond", ratesPerSecond.length, 2, Integer.MAX_VALUE);
    Weights.sameLength(
        "ratesPerSecond", ratesPerSecond.length, "meanSojournNs", meanSojournNs.length);
    for (int i = 0; i < ratesPerSecond.length; i++) {
      Parameter.inRange("ratesPerSecond[" + i + "]", ratesPerSecond[i], 0, RATE_MAX_PER_SECOND);
      Parameter.positive("meanSojournNs[" + i + "]", meanSojournNs[i]);
    }
    ArrivalState.requireWork(arrivalsPerCycle() / ratesPerSecond.length);
  }

  /** Returns the arrival rate in each state. */
  public double[] ratesPerSecond() {
    return ratesPerSecond.clone();
  }

  /** Returns the mean length of a stay in each state in ns. */
  public double[] meanSojournNs() {
    return meanSojournNs.clone();
  }

  /** Expected arrivals during one stay in each state. */
  private double arrivalsPerCycle() {
    double arrivals = 0;
    for (int i = 0; i < ratesPerSecond.length; i++) {
      arrivals += ratesPerSecond[i] / NS_PER_SECOND * meanSojournNs[i];
    }
    return arrivals;
  }

  @Override
  public double meanRatePerSecond() {
    return arrivalsPerCycle() / Arrays.stream(meanSojournNs).sum() * NS_PER_SECOND;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Mmpp that
        && Arrays.equals(ratesPerSecond, that.ratesPerSecond)
        && Arrays.equals(meanSojournNs, that.meanSojournNs);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(ratesPerSecond) + Arrays.hashCode(meanSojournNs);
  }

  @Override
  public String toString() {
    return "Mmpp[ratesPerSecond="
        + Arrays.toString(ratesPerSecond)
        + ", meanSojournNs="
        + Arrays.toString(meanSojournNs)
        + "]";
  }
}
