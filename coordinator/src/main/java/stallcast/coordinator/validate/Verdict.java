package stallcast.coordinator.validate;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import stallcast.coordinator.aggregate.Interval;
import stallcast.coordinator.scenario.Expectation;

/**
 * Whether one expectation holds.
 *
 * @param expectation what was expected
 * @param result whether it holds
 * @param simulated what came out, in the unit of the metric; empty if no host has a value
 * @param interval interval of an estimated probability
 * @param message why there is no answer; empty unless the result is {@link Result#ERROR}
 */
public record Verdict(
    Expectation expectation,
    Result result,
    OptionalDouble simulated,
    Optional<Interval> interval,
    String message) {

  /** The verdict itself. */
  public enum Result {
    /** A published figure that the model gives, too. */
    SUPPORTED,
    /** A published figure that the model does not give: that is shown, and no failure. */
    NOT_SUPPORTED,
    /** It holds. */
    PASS,
    /** It does not. */
    FAIL,
    /** The case could not be run to its end. */
    ERROR;

    /** The word in JSON. */
    public String key() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The words in tables. */
    public String words() {
      return switch (this) {
        case SUPPORTED -> "supported by the model";
        case NOT_SUPPORTED -> "not supported by the model";
        case PASS, FAIL, ERROR -> name();
      };
    }
  }

  static Verdict of(
      Expectation expectation,
      boolean holds,
      OptionalDouble simulated,
      Optional<Interval> interval) {
    boolean target = expectation.comparison() instanceof Expectation.Published;
    Result result =
        target
            ? holds ? Result.SUPPORTED : Result.NOT_SUPPORTED
            : holds ? Result.PASS : Result.FAIL;
    return new Verdict(expectation, result, simulated, interval, "");
  }

  static Verdict error(Expectation expectation, String message) {
    return new Verdict(
        expectation, Result.ERROR, OptionalDouble.empty(), Optional.empty(), message);
  }

  /** Whether it holds, or need not. */
  public boolean isPass() {
    return result != Result.FAIL && result != Result.ERROR;
  }
}
