package stallcast.coordinator.scenario;

import java.util.Optional;
import stallcast.kernel.random.ArrivalProcess;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.SoftirqSpec;
import stallcast.kernel.scenario.SoftirqVector;

/** Reads one entry of {@code softirq}. */
final class SoftirqReader {
  /** net.core.netdev_max_backlog, also taken for the other vectors. */
  private static final int POOL_DEFAULT = 1_000;

  private static final ScalarReader UTILISATION =
      new ScalarReader(Quantity.PROBABILITY, Bounds.between(0, 1));
  private static final ScalarReader POOL =
      new ScalarReader(Quantity.WHOLE, Bounds.of(1, SoftirqSpec.POOL_MAX));
  private static final ScalarReader TIME = new ScalarReader(Quantity.TIME, Bounds.NOT_NEGATIVE);

  private final int cpusMin;
  private final int cpusMax;
  private final TraceFiles traces;

  /**
   * A reader for one class of hosts.
   *
   * @param cpusMin CPUs of the smallest host
   * @param cpusMax CPUs of the largest host
   * @param traces the scenario's recordings
   */
  SoftirqReader(int cpusMin, int cpusMax, TraceFiles traces) {
    this.cpusMin = cpusMin;
    this.cpusMax = cpusMax;
    this.traces = traces;
  }

  /**
   * Reads a source.
   *
   * @return empty with a problem reported
   */
  Optional<SoftirqSpec> read(Cursor source) {
    Optional<CpuSelection> cpus = new CpuListReader(cpusMin, false).read(source);
    int most = cpus.map(this::count).orElse(1);
    Optional<ArrivalProcess> arrivals = new ArrivalsReader(traces, most).read(source);
    Optional<Distribution> utilisation = utilisation(source);
    Optional<Distribution> pool = POOL.read(source, "pool", new Fixed(POOL_DEFAULT));
    Optional<Distribution> body = source.find("body").flatMap(TIME::read);
    Optional<Distribution> overhead = TIME.read(source, "overhead", new Fixed(0));
    Optional<Distribution> interrupt = TIME.read(source, "interrupt-cost", new Fixed(0));
    Optional<Distribution> start = TIME.read(source, "start", new Fixed(0));
    boolean complete =
        cpus.isPresent()
            && arrivals.isPresent()
            && utilisation.isPresent()
            && pool.isPresent()
            && body.isPresent()
            && overhead.isPresent()
            && interrupt.isPresent()
            && start.isPresent();
    boolean stretched = utilisation.isPresent() && utilisation.get().upper() > 0;
    if (stretched && body.isPresent() && arrivals.isPresent()) {
      checkStretch(source, arrivals.get(), body.get());
    }
    if (!complete || source.problems().isBroken(source.field())) {
      return Optional.empty();
    }
    return Optional.of(
        new SoftirqSpec(
            source.text("name", ""),
            cpus.get(),
            arrivals.get(),
            utilisation.get(),
            vector(source),
            pool.get(),
            body.get(),
            overhead.get(),
            interrupt.get(),
            start.get()));
  }

  private int count(CpuSelection cpus) {
    return cpus instanceof CpuSelection.Listed listed ? listed.cpus().size() : cpusMax;
  }

  private static Optional<Distribution> utilisation(Cursor source) {
    Optional<Cursor> at = source.find("utilisation");
    boolean off = at.isEmpty() || at.get().text().orElse("").equals("0");
    return off ? Optional.of(new Fixed(0)) : UTILISATION.read(at.get());
  }

  /** A utilisation sets the mean gap to the mean body over the utilisation. */
  private static void checkStretch(Cursor source, ArrivalProcess arrivals, Distribution body) {
    if (arrivals.meanRatePerSecond() == 0) {
      source.find("utilisation").orElseThrow().problem("utilisation needs arrivals, got none");
    }
    if (!(body.mean() >= 1 && Double.isFinite(body.mean()))) {
      source
          .find("body")
          .orElseThrow()
          .problem("with utilisation body must have a finite mean of at least 1ns");
    }
  }

  private static SoftirqVector vector(Cursor source) {
    String word = source.text("vector", SoftirqVector.TASKLET.key());
    return SoftirqVector.find(word).orElse(SoftirqVector.TASKLET); // the schema reports it
  }
}
