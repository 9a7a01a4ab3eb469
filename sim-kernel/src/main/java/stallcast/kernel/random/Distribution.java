package stallcast.kernel.random;

/**
 * A law of one real number: immutable, sampled by inverse distribution function.
 *
 * <p>Unless an implementation says otherwise a sample is {@code quantile(s.nextOpenDouble())}: one
 * draw per sample and monotone in it, so that two arms of a comparison which share a stream stay
 * coupled when a parameter, or even the law, differs between them. All implementations refuse
 * illegal parameters with an {@link IllegalArgumentException} that names the parameter, its value
 * and what is legal.
 */
public sealed interface Distribution
    permits Beta,
        BoundedPareto,
        Categorical,
        Empirical,
        Exponential,
        Fixed,
        Gamma,
        Geometric,
        LogNormal,
        LogUniform,
        Mixture,
        Normal,
        Pareto,
        Poisson,
        Truncated,
        Uniform,
        Weibull {
  /**
   * Value of {@link #drawsPerSample} for a law whose samples differ in how many draws they take.
   */
  int VARIABLE_DRAWS = -1;

  /** Returns the next sample. */
  default double sample(RandomStream s) {
    return quantile(s.nextOpenDouble());
  }

  /** Returns the mean, which may be positive infinity. */
  double mean();

  /**
   * Returns the smallest x with {@code cdf(x) >= p}, to rounding; {@link #lower} for 0, {@link
   * #upper} for 1.
   *
   * @throws IllegalArgumentException if p is outside [0, 1] or NaN
   */
  double quantile(double p);

  /**
   * Returns {@code P(X <= x)}.
   *
   * @param x any number, infinities included
   * @throws IllegalArgumentException if x is NaN
   */
  double cdf(double x);

  /**
   * Returns the part of the mean that lies at or below x: {@code E[X; X <= x]}, which is {@link
   * #mean} at infinity.
   *
   * <p>Means of truncated laws, residual lives and size-biased shares are differences of it.
   *
   * @throws IllegalArgumentException if x is NaN
   */
  double partialMean(double x);

  /** Returns the lower end of the support, which may be negative infinity. */
  double lower();

  /** Returns the upper end of the support, which may be positive infinity. */
  double upper();

  /** Returns whether every sample is the same value. */
  default boolean isFixed() {
    return lower() == upper();
  }

  /** Returns how many 64-bit draws each sample takes, or {@link #VARIABLE_DRAWS}. */
  default int drawsPerSample() {
    return 1;
  }
}
