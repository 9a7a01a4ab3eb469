package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.scenario.OperationSpec;
import stallcast.kernel.scenario.OperationSpec.Effect;
import stallcast.kernel.scenario.OperationSpec.Kind;
import stallcast.kernel.scenario.OperationSpec.Occurrence;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;

/** Reads one entry of {@code operations}. */
final class OperationReader {
  private static final double OPERATIONS_MAX = 1_000_000; // of one host over the horizon
  private static final double NS_PER_SECOND = 1e9;

  private static final ScalarReader FACTOR = new ScalarReader(Quantity.NUMBER, Bounds.POSITIVE);
  private static final ScalarReader LENGTH = new ScalarReader(Quantity.TIME, Bounds.NOT_NEGATIVE);

  private final StopReader stops;
  private final Set<String> softirqNames;
  private final long horizonNs;

  /**
   * A reader for one class of hosts.
   *
   * @param cpusMin CPUs of the smallest host
   * @param softirqNames what its softirq sources are called
   * @param horizonNs horizon of the scenario, ns
   */
  OperationReader(int cpusMin, Set<String> softirqNames, long horizonNs) {
    this.stops = new StopReader(cpusMin);
    this.softirqNames = softirqNames;
    this.horizonNs = horizonNs;
  }

  /**
   * Reads an operation.
   *
   * @return empty with a problem reported
   */
  Optional<OperationSpec> read(Cursor item) {
    for (Kind kind : Kind.values()) {
      Optional<Cursor> body = item.find(kind.key());
      if (body.isPresent() && item.keys().size() == 1) {
        return read(kind, body.get());
      }
    }
    return Optional.empty(); // the schema reports it
  }

  private Optional<OperationSpec> read(Kind kind, Cursor body) {
    Optional<Occurrence> occurrence = occurrence(body);
    Optional<? extends Effect> effect =
        switch (kind) {
          case LIVE_MIGRATION -> stops.read(body, ResumeOrder.INDEX);
          case PAUSE -> stops.read(body, ResumeOrder.INDEPENDENT);
          case LOAD_BURST -> burst(body);
        };
    if (occurrence.isEmpty() || effect.isEmpty() || body.problems().isBroken(body.field())) {
      return Optional.empty();
    }
    return Optional.of(new OperationSpec(kind, occurrence.get(), effect.get()));
  }

  private Optional<Effect.Burst> burst(Cursor body) {
    Optional<Distribution> factor = body.find("factor").flatMap(FACTOR::read);
    Optional<Distribution> length = body.find("length").flatMap(LENGTH::read);
    Optional<Cursor> source = body.find("source").filter(at -> at.text().isPresent());
    if (source.isEmpty() || factor.isEmpty() || length.isEmpty()) {
      return Optional.empty();
    }
    String name = source.get().text().get();
    if (!softirqNames.contains(name)) {
      String none = softirqNames.isEmpty() ? ": the host has no softirq source" : "";
      source.get().problem(Suggestion.unknown("softirq source", name, softirqNames) + none);
      return Optional.empty();
    }
    return Optional.of(new Effect.Burst(name, factor.get(), length.get()));
  }

  private Optional<Occurrence> occurrence(Cursor body) {
    List<String> given = List.of("rate", "at", "times").stream().filter(body::has).toList();
    if (given.size() != 1) {
      String got = given.isEmpty() ? "none" : String.join(" and ", given);
      body.problem(body.name() + " needs exactly one of rate, at, times, got " + got);
      return Optional.empty();
    }
    Cursor at = body.find(given.get(0)).orElseThrow();
    return switch (given.get(0)) {
      case "rate" -> rate(at);
      case "times" ->
          new ScalarReader(Quantity.WHOLE, Bounds.of(0, OPERATIONS_MAX))
              .read(at)
              .map(Occurrence.Times::new);
      default -> instants(at);
    };
  }

  private Optional<Occurrence> rate(Cursor at) {
    Optional<Distribution> law = new ScalarReader(Quantity.RATE, Bounds.NOT_NEGATIVE).read(at);
    double mean = law.map(Distribution::mean).orElse(0.0) * (horizonNs / NS_PER_SECOND);
    if (mean > OPERATIONS_MAX) {
      String many = Amounts.number(mean) + " operations per host within the horizon";
      at.problem("rate means " + many + ", at most " + (long) OPERATIONS_MAX + " are possible");
      return Optional.empty();
    }
    return law.map(Occurrence.Rate::new);
  }

  private Optional<Occurrence> instants(Cursor at) {
    ScalarReader instant = new ScalarReader(Quantity.TIME, Bounds.of(0, (double) horizonNs));
    List<Cursor> items = at.items().isEmpty() ? List.of(at) : at.items();
    List<Distribution> laws = new ArrayList<>();
    items.forEach(item -> instant.read(item).ifPresent(laws::add));
    return laws.size() == items.size() ? Optional.of(new Occurrence.At(laws)) : Optional.empty();
  }
}
