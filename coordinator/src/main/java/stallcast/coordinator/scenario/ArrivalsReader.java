package stallcast.coordinator.scenario;

import java.util.List;
import java.util.Optional;
import stallcast.coordinator.scenario.yaml.Problem;
import stallcast.kernel.random.ArrivalProcess;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Mmpp;
import stallcast.kernel.random.OnOff;
import stallcast.kernel.random.Periodic;
import stallcast.kernel.random.PoissonArrivals;
import stallcast.kernel.random.TraceArrivals;

/** Reads the {@code arrivals} of a softirq source. */
final class ArrivalsReader {
  private static final List<String> FORMS = List.of("every", "poisson", "mmpp", "on-off", "trace");
  private static final List<String> ONLY_TRACE = List.of("repeat", "sha256");
  private static final double TIME_MAX_NS = 366 * 86_400e9; // the longest horizon
  private static final double RATE_MAX = ArrivalProcess.RATE_MAX_PER_SECOND;
  private static final double ARRIVALS_PER_PERIOD_MIN = 1e-6; // the kernel's, bounds its work
  private static final int SOURCES_MAX = 1_000_000;
  private static final long HOST_SOURCES_MAX = 10_000_000; // 80 MB of state

  private static final ScalarReader PERIOD =
      new ScalarReader(Quantity.TIME, Bounds.above(0, TIME_MAX_NS));
  private static final ScalarReader RATE = new ScalarReader(Quantity.RATE, Bounds.of(0, RATE_MAX));
  private static final ScalarReader ON_RATE =
      new ScalarReader(Quantity.RATE, Bounds.above(0, RATE_MAX));
  private static final ScalarReader SOURCES =
      new ScalarReader(Quantity.WHOLE, Bounds.of(1, SOURCES_MAX));
  private static final ScalarReader TIME = new ScalarReader(Quantity.TIME, Bounds.NOT_NEGATIVE);

  private final TraceFiles traces;
  private final long cpus;

  /**
   * A reader for one source.
   *
   * @param traces the scenario's recordings
   * @param cpus how many CPUs the source has on the largest host
   */
  ArrivalsReader(TraceFiles traces, long cpus) {
    this.traces = traces;
    this.cpus = cpus;
  }

  /**
   * Reads the process.
   *
   * @return empty with a problem reported
   */
  Optional<ArrivalProcess> read(Cursor source) {
    Optional<Cursor> found = source.find("arrivals").filter(Cursor::isMap);
    if (found.isEmpty()) {
      return Optional.empty(); // the schema reports it
    }
    Cursor at = found.get();
    List<String> given = FORMS.stream().filter(at::has).toList();
    if (given.size() != 1) {
      String got = given.isEmpty() ? "none" : String.join(" and ", given);
      if (!given.isEmpty() || !at.problems().isBroken(at.field())) { // a misspelt key says more
        at.problem("arrivals needs exactly one of " + String.join(", ", FORMS) + ", got " + got);
      }
      return Optional.empty();
    }
    String form = given.get(0);
    Cursor body = at.find(form).orElseThrow();
    if (!form.equals("trace")) {
      for (String key : ONLY_TRACE) {
        at.find(key).ifPresent(k -> k.problem(key + " needs trace"));
      }
    }
    return switch (form) {
      case "every" -> number(PERIOD.readPlain(body)).map(ns -> new Periodic(ns.longValue()));
      case "poisson" -> number(RATE.readPlain(body)).map(PoissonArrivals::new);
      case "mmpp" -> mmpp(body);
      case "on-off" -> onOff(body);
      default -> trace(at, body);
    };
  }

  private static Optional<Double> number(double value) {
    return Double.isNaN(value) ? Optional.empty() : Optional.of(value);
  }

  private static Optional<ArrivalProcess> mmpp(Cursor body) {
    Optional<double[]> rates = plain(body, "rates", RATE);
    Optional<double[]> sojourns = plain(body, "sojourns", PERIOD);
    if (rates.isEmpty() || sojourns.isEmpty()) {
      return Optional.empty();
    }
    int states = rates.get().length;
    if (states < 2 || sojourns.get().length != states) {
      String got = "got " + states + " and " + sojourns.get().length;
      body.problem("mmpp needs two or more rates and as many sojourns, " + got);
      return Optional.empty();
    }
    double arrivals = 0;
    for (int i = 0; i < states; i++) {
      arrivals += rates.get()[i] * sojourns.get()[i] / ArrivalProcess.NS_PER_SECOND / states;
    }
    if (arrivals < ARRIVALS_PER_PERIOD_MIN) {
      body.problem("mmpp brings fewer than one arrival in a million sojourns");
      return Optional.empty();
    }
    return Optional.of(new Mmpp(rates.get(), sojourns.get()));
  }

  private static Optional<double[]> plain(Cursor body, String key, ScalarReader scalar) {
    List<Cursor> items = body.find(key).map(Cursor::items).orElse(List.of());
    double[] values = items.stream().mapToDouble(scalar::readPlain).toArray();
    for (double value : values) {
      if (Double.isNaN(value)) {
        return Optional.empty();
      }
    }
    boolean listed = body.find(key).isPresent() && !body.problems().isBroken(body.field());
    return listed ? Optional.of(values) : Optional.empty();
  }

  private Optional<ArrivalProcess> onOff(Cursor body) {
    double sources = body.find("sources").map(SOURCES::readPlain).orElse(Double.NaN);
    double rate = body.find("rate").map(ON_RATE::readPlain).orElse(Double.NaN);
    Optional<Distribution> on = duration(body, "on");
    Optional<Distribution> off = duration(body, "off");
    if (on.isEmpty() || off.isEmpty() || Double.isNaN(sources) || Double.isNaN(rate)) {
      return Optional.empty();
    }
    String fault = "";
    if (sources * rate > RATE_MAX) {
      String together = Quantity.RATE.format(sources * rate);
      fault = "on-off can bring at most 1000000000/s of all sources together, got " + together;
    } else if (sources * cpus > HOST_SOURCES_MAX) {
      fault = "on-off means more than " + HOST_SOURCES_MAX + " sources on the largest host";
    } else if (rate / ArrivalProcess.NS_PER_SECOND * on.get().mean() / 2
        < ARRIVALS_PER_PERIOD_MIN) {
      fault = "on-off brings fewer than one arrival in a million periods";
    }
    if (!fault.isEmpty()) {
      body.problem(fault);
      return Optional.empty();
    }
    return Optional.of(new OnOff((int) sources, on.get(), off.get(), rate));
  }

  private static Optional<Distribution> duration(Cursor body, String key) {
    Optional<Distribution> law = body.find(key).flatMap(TIME::read);
    boolean finite = law.isPresent() && Double.isFinite(law.get().mean()) && law.get().mean() > 0;
    if (law.isPresent() && !finite) {
      body.find(key).orElseThrow().problem(key + " must have a finite mean above 0s");
    }
    return law.filter(l -> finite);
  }

  private Optional<ArrivalProcess> trace(Cursor at, Cursor name) {
    if (name.text().isEmpty() || at.problems().isBroken(at.field())) {
      return Optional.empty();
    }
    TraceFiles.Reading reading = traces.read(name.text().get());
    if (reading.fault().isPresent()) {
      Problem fault = reading.fault().get().problem();
      if (fault.position().line() == 0) {
        name.problem("trace " + fault.text());
      } else {
        name.problems().addElsewhere(name.field(), fault.position(), fault.message());
      }
      return Optional.empty();
    }
    Optional<Cursor> sha256 = at.find("sha256");
    if (sha256.isPresent() && !reading.sha256().equalsIgnoreCase(sha256.get().text().orElse(""))) {
      sha256.get().problem("the trace has another SHA-256: " + reading.sha256());
      return Optional.empty();
    }
    boolean repeat = at.text("repeat", "false").equals("true");
    return Optional.of(new TraceArrivals(reading.gapsNs(), repeat));
  }
}
