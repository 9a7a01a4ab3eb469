package stallcast.coordinator.validate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import stallcast.coordinator.aggregate.Interval;
import stallcast.coordinator.report.TextGrid;
import stallcast.coordinator.scenario.Expectation;
import stallcast.coordinator.store.CanonicalJson;
import stallcast.coordinator.validate.Verdict.Result;

/**
 * The verdicts of a validation, for people and for scripts.
 *
 * @param results one per case, in the order in which they were read
 */
public record ValidationReport(List<CaseResult> results) {

  /** Copies the list. */
  public ValidationReport {
    results = List.copyOf(results);
  }

  /** Whether everything holds. */
  public boolean isPass() {
    return results.stream().allMatch(CaseResult::isPass);
  }

  /** Verdicts of one kind. */
  public long count(Result result) {
    return count(results, result);
  }

  private static long count(List<CaseResult> of, Result result) {
    return of.stream()
        .flatMap(r -> r.verdicts().stream())
        .filter(v -> v.result() == result)
        .count();
  }

  private Map<String, List<CaseResult>> byFile() {
    Map<String, List<CaseResult>> files = new LinkedHashMap<>();
    for (CaseResult result : results) {
      files.computeIfAbsent(result.origin().file(), f -> new ArrayList<>()).add(result);
    }
    return files;
  }

  /** A table of all verdicts, and a summary per file. */
  public String table() {
    TextGrid grid = new TextGrid(List.of(true, true, true, true, true, true, true));
    grid.add(List.of("case", "metric", "expected", "simulated", "tolerance", "verdict", "source"));
    for (CaseResult result : results) {
      for (Verdict verdict : result.verdicts()) {
        Expectation expectation = verdict.expectation();
        String metric = expectation.quantity().metric().text();
        String shown = ValueText.quantity(expectation);
        grid.add(
            List.of(
                result.origin().name(),
                expectation.name().equals(metric) ? shown : expectation.name(),
                ValueText.expected(expectation),
                ValueText.simulated(verdict),
                ValueText.tolerance(expectation),
                verdict.result().words(),
                expectation.source()));
      }
    }
    return grid.text() + "\n" + summary();
  }

  private String summary() {
    TextGrid grid = new TextGrid(List.of(true, false, false, false, false));
    grid.add(List.of("file", "cases", "passed", "failed", "errors"));
    byFile().forEach((file, of) -> grid.add(counts(file, of)));
    grid.add(counts("all", results));
    return grid.text() + published();
  }

  /** What to know of published figures that need not be met; empty if there are none. */
  private String published() {
    long supported = count(Result.SUPPORTED);
    long not = count(Result.NOT_SUPPORTED);
    return supported + not == 0
        ? ""
        : "\npublished figures: the model supports "
            + supported
            + " of "
            + (supported + not)
            + ", it does not support "
            + not
            + "; that is no failure\n";
  }

  private static List<String> counts(String label, List<CaseResult> of) {
    List<String> cells = new ArrayList<>(List.of(label, Integer.toString(of.size())));
    for (Result result : List.of(Result.PASS, Result.FAIL, Result.ERROR)) {
      cells.add(Long.toString(count(of, result)));
    }
    return cells;
  }

  /** The same as JSON; times in ns, keys sorted. */
  public String json() {
    List<Object> files = new ArrayList<>();
    byFile().forEach((file, of) -> files.add(summary(file, of)));
    Map<String, Object> page = summary("", results);
    page.remove("file");
    page.put("files", files);
    page.put("results", results.stream().map(ValidationReport::json).toList());
    return CanonicalJson.page(page);
  }

  private static Map<String, Object> summary(String file, List<CaseResult> of) {
    Map<String, Object> json = new TreeMap<>();
    json.put("file", file);
    json.put("cases", of.size());
    json.put("passed", count(of, Result.PASS));
    json.put("failed", count(of, Result.FAIL));
    json.put("errors", count(of, Result.ERROR));
    json.put("published_supported", count(of, Result.SUPPORTED));
    json.put("published_not_supported", count(of, Result.NOT_SUPPORTED));
    return json;
  }

  private static Map<String, Object> json(CaseResult result) {
    Map<String, Object> json = new TreeMap<>();
    json.put("case", result.origin().name());
    json.put("file", result.origin().file());
    json.put("hosts", result.origin().hosts());
    json.put("seed", result.origin().scenario().spec().masterSeed());
    json.put("verdict", result.result().key());
    json.put("expectations", result.verdicts().stream().map(ValidationReport::json).toList());
    return json;
  }

  private static Map<String, Object> json(Verdict verdict) {
    Expectation expectation = verdict.expectation();
    Map<String, Object> json = new TreeMap<>();
    json.put("name", expectation.name());
    json.put("metric", expectation.quantity().metric().text());
    expectation.quantity().atNs().ifPresent(ns -> json.put("at_ns", ns));
    ValueText.statistic(expectation).ifPresent(word -> json.put("statistic", word));
    if (expectation.quantity() instanceof Expectation.ProbabilityOf probability) {
      json.put("above", probability.above());
      json.put("level", probability.level());
    }
    boolean time = expectation.quantity().metric().what().isTime();
    expectation.relativeTo().ifPresent(base -> json.put("relative_to", base));
    json.put("unit", ValueText.isShare(expectation) ? "share" : time ? "ns" : "count");
    json.put("expected", json(expectation.comparison()));
    json.put(
        "simulated", verdict.simulated().isPresent() ? verdict.simulated().getAsDouble() : null);
    verdict.interval().ifPresent(i -> json.put("interval", json(i)));
    json.put("verdict", verdict.result().key());
    json.put("message", verdict.message());
    json.put("source", expectation.source());
    json.put("line", expectation.position().line());
    return json;
  }

  private static Map<String, Object> json(Interval interval) {
    return Map.of("method", interval.method(), "low", interval.low(), "high", interval.high());
  }

  private static Map<String, Object> json(Expectation.Comparison comparison) {
    if (comparison instanceof Expectation.Equals equal) {
      return Map.of("equals", equal.value(), "tolerance", equal.tolerance());
    }
    if (comparison instanceof Expectation.Published figure) {
      return Map.of("published", figure.value(), "tolerance", figure.tolerance());
    }
    if (comparison instanceof Expectation.Between range) {
      return Map.of("between", List.of(range.low(), range.high()));
    }
    if (comparison instanceof Expectation.AtLeast bound) {
      return Map.of("at-least", bound.low());
    }
    if (comparison instanceof Expectation.AtMost bound) {
      return Map.of("at-most", bound.high());
    }
    if (comparison instanceof Expectation.AgreesWith known) {
      return Map.of("agrees-with", known.probability());
    }
    return Map.of("absent", true);
  }
}
