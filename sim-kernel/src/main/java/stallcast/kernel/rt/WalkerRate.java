package stallcast.kernel.rt;

/**
 * How often the walker visits each overloaded CPU while nothing changes and many independent loops
 * ask at a total rate R.
 *
 * <p>One round over M CPUs takes {@code c = M (l + e + h)}. A request that starts a walk is counted
 * only at the end of its first round, so every walk makes a second one; from then on a round is
 * followed by another if a request came during it. With {@code q = exp(-R c)} a walk has N = 1 + G
 * rounds, G geometric of mean 1/q, and the next one waits 1/R, hence {@code v = 1 / (c + q / (R (1
 * + q)))} visits of each CPU per time. A single CPU that is skipped by its own handler ends each
 * walk after one visit: {@code v = 1 / (c + 1 / R)}, if the interrupt is over before the next one
 * comes. For n loops rather than a Poisson process, q and the wait are smaller by the second order
 * of the sum of their squared rates.
 */
final class WalkerRate {
  private double visitsPerNs;
  private double countVariance; // of the number of visits, per ns
  private double visitNs;

  /**
   * Computes the rates.
   *
   * @param cpus overloaded CPUs, &gt;= 1
   * @param hopNs from a hop to the next: delivery, entry and handler
   * @param exitNs how much longer than the delivery the rest of the interrupt takes, &gt;= 0
   * @param costNs what one visit takes from its CPU
   * @param requestsPerNs rate of requests, &gt; 0
   * @param squares sum of the squared rates of those who ask
   * @param endsAtOnce whether every walk ends after one visit
   */
  void compute(
      int cpus,
      long hopNs,
      long exitNs,
      long costNs,
      double requestsPerNs,
      double squares,
      boolean endsAtOnce) {
    double roundNs = (double) cpus * hopNs;
    double waitNs = (1 - squares / (requestsPerNs * requestsPerNs)) / requestsPerNs;
    if (endsAtOnce) { // a request within the exit waits for its end
      roundNs += exitNs;
      waitNs *= noneWithin((double) exitNs, requestsPerNs, squares);
    }
    double goesOut = noneWithin(roundNs, requestsPerNs, squares);
    double rounds = endsAtOnce ? 1 : 1 + 1 / goesOut;
    double roundsVariance = endsAtOnce ? 0 : (1 - goesOut) / (goesOut * goesOut);
    double walkNs = rounds * roundNs + waitNs;
    visitsPerNs = rounds / walkNs;
    double rest = 1 - visitsPerNs * roundNs;
    double waitVisits = visitsPerNs * waitNs;
    countVariance = (rest * rest * roundsVariance + waitVisits * waitVisits) / walkNs;
    visitNs = costNs;
  }

  /** Probability that nobody asks within a time. */
  static double noneWithin(double ns, double requestsPerNs, double squares) {
    return StrictMath.exp(-requestsPerNs * ns - squares * ns * ns / 2);
  }

  /** Visits of one CPU per ns. */
  double visitsPerNs() {
    return visitsPerNs;
  }

  /** Share of a CPU that visits take, &gt;= 1 if it gets nothing else done. */
  double share() {
    return visitNs * visitsPerNs;
  }

  /** Time that one ns of work takes. */
  double stretch() {
    return 1 / (1 - share());
  }

  /** Standard deviation of the time that work takes, per root of ns of work. */
  double spread() {
    return visitNs * Math.sqrt(countVariance * stretch()) * stretch();
  }
}
