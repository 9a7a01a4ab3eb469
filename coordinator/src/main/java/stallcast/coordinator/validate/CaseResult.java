package stallcast.coordinator.validate;

import java.util.List;
import stallcast.coordinator.validate.Verdict.Result;

/**
 * A case with its verdicts.
 *
 * @param origin the case
 * @param verdicts one per expectation, in file order
 */
public record CaseResult(ValidationCase origin, List<Verdict> verdicts) {

  /** Copies the list. */
  public CaseResult {
    verdicts = List.copyOf(verdicts);
  }

  /** Whether everything holds. */
  public boolean isPass() {
    return verdicts.stream().allMatch(Verdict::isPass);
  }

  /** The worst of its verdicts. */
  public Result result() {
    return verdicts.stream().map(Verdict::result).max(Result::compareTo).orElse(Result.PASS);
  }
}
