package stallcast.coordinator.aggregate;

import org.apache.commons.numbers.gamma.LogBeta;

/**
 * Interval for a probability that holds at every number of trials at once, so that it may be
 * watched and stopped on: the beta-binomial mixture (statistics.md section 4.2). Keeps every p with
 * B(a+k, b+n-k) / (B(a,b) p^k (1-p)^(n-k)) &lt; 1/alpha (Ville's inequality).
 *
 * @param a first parameter of the prior, &gt; 0
 * @param b second parameter of the prior, &gt; 0; 1/2 over the guessed probability is sharpest
 */
public record ConfidenceSequence(double a, double b) {

  /** The prior for everybody who has no guess. */
  public static final ConfidenceSequence UNINFORMED = new ConfidenceSequence(0.5, 0.5);

  private static final double LOGIT_RANGE = 745; // beyond it p is 0 or 1 as a double

  /**
   * The interval after some trials.
   *
   * @param seen trials of a completed prefix of hosts, never those that happened to arrive first
   * @param level confidence level
   */
  public Interval at(Proportion seen, double level) {
    long n = seen.n();
    long k = seen.k();
    double limit = -StrictMath.log(1 - level);
    double evidence = LogBeta.value(a + k, b + n - k) - LogBeta.value(a, b);
    // Logit of the share, kept inside the range for k = 0 and k = n.
    double peak = StrictMath.log((k + 1e-9) / (n - k + 1e-9));
    double low = 0;
    if (k > 0) {
      low =
          TailQuantile.unitOf(
              TailQuantile.root(y -> limit - excess(evidence, n, k, y), -LOGIT_RANGE, peak));
    }
    double high = 1;
    if (k < n) {
      high =
          TailQuantile.unitOf(
              TailQuantile.root(y -> excess(evidence, n, k, y) - limit, peak, LOGIT_RANGE));
    }
    return new Interval("beta-binomial-sequence", level, low, high);
  }

  /** Log of the mixture's likelihood ratio against the probability with this logit. */
  private static double excess(double evidence, long n, long k, double logit) {
    double logP = -StrictMath.log1p(StrictMath.exp(-logit));
    double logQ = -StrictMath.log1p(StrictMath.exp(logit));
    double hits = k == 0 ? 0 : k * logP;
    double misses = n == k ? 0 : (n - k) * logQ;
    return evidence - hits - misses;
  }
}
