package stallcast.coordinator.validate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import stallcast.coordinator.scenario.Expectation;
import stallcast.kernel.host.EndReason;
import stallcast.kernel.host.HostOutcome;
import stallcast.kernel.host.HostSimulation;

/**
 * Runs all hosts of validation cases and judges what comes out. Hosts of all cases share the
 * threads; the verdicts depend on neither their number nor their order.
 */
public final class CaseRunner {
  /** Hosts that a thread takes at a time: enough to make a machine worth building. */
  private static final int CHUNK_HOSTS = 64;

  private final int threads;
  private final LongConsumer onHostsDone;

  /**
   * A runner.
   *
   * @param threads how many hosts are simulated at once, &gt;= 1
   * @param onHostsDone told how many hosts were finished, from any thread
   */
  public CaseRunner(int threads, LongConsumer onHostsDone) {
    this.threads = threads;
    this.onHostsDone = onHostsDone;
  }

  /** A fault of one host: its case has no answer. */
  private record Fault(int host, String message) {}

  /** Values of one case while its hosts run; every chunk writes its own hosts only. */
  private record Run(ValidationCase origin, int[] measures, long[][] values) {
    static Run of(ValidationCase origin) {
      int[] measures = origin.measureIndexes();
      return new Run(origin, measures, new long[measures.length][(int) origin.hosts()]);
    }
  }

  /**
   * Runs cases.
   *
   * @param cases each with at most {@link CaseFiles#VALUES_MAX} values
   * @return their results, in the same order
   * @throws InterruptedException if the calling thread is interrupted
   */
  public List<CaseResult> run(List<ValidationCase> cases) throws InterruptedException {
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads,
            body -> {
              Thread thread = new Thread(body, "validate");
              thread.setDaemon(true);
              return thread;
            });
    try {
      List<Run> runs = cases.stream().map(Run::of).toList();
      List<List<Future<Optional<Fault>>>> chunks = new ArrayList<>();
      for (Run run : runs) {
        chunks.add(submit(run, pool));
      }
      List<Optional<Fault>> faults = new ArrayList<>();
      for (List<Future<Optional<Fault>>> of : chunks) {
        faults.add(firstFault(of));
      }
      List<CaseResult> results = new ArrayList<>();
      for (int c = 0; c < runs.size(); c++) {
        results.add(judge(c, runs, faults));
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }

  private List<Future<Optional<Fault>>> submit(Run run, ExecutorService pool) {
    List<Future<Optional<Fault>>> chunks = new ArrayList<>();
    int hosts = (int) run.origin().hosts();
    for (int first = 0; first < hosts; first += CHUNK_HOSTS) {
      int from = first;
      int end = Math.min(hosts, first + CHUNK_HOSTS);
      Callable<Optional<Fault>> body = () -> simulate(run, from, end);
      chunks.add(pool.submit(body));
    }
    return chunks;
  }

  private Optional<Fault> simulate(Run run, int first, int end) {
    int host = first;
    try {
      HostSimulation simulation = new HostSimulation(run.origin().scenario().spec());
      for (; host < end; host++) {
        HostOutcome outcome = simulation.run(host);
        EndReason reason = outcome.endReason();
        if (reason != EndReason.HORIZON && reason != EndReason.PANIC) {
          return Optional.of(new Fault(host, "ended as " + reason.key()));
        }
        for (int e = 0; e < run.measures().length; e++) {
          run.values()[e][host] = outcome.measure(run.measures()[e]);
        }
      }
      onHostsDone.accept(end - first);
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(new Fault(host, "failed: " + e));
    }
  }

  /** The fault of the first host that has one, so that it does not depend on the threads. */
  private static Optional<Fault> firstFault(List<Future<Optional<Fault>>> chunks)
      throws InterruptedException {
    Optional<Fault> first = Optional.empty();
    for (Future<Optional<Fault>> chunk : chunks) {
      try {
        Optional<Fault> fault = chunk.get();
        first = first.isPresent() ? first : fault;
      } catch (ExecutionException e) {
        throw new IllegalStateException("a simulation thread failed", e.getCause());
      }
    }
    return first;
  }

  private static CaseResult judge(int index, List<Run> runs, List<Optional<Fault>> faults) {
    Run run = runs.get(index);
    List<Verdict> verdicts = new ArrayList<>();
    List<Expectation> expectations = run.origin().expectations();
    for (int e = 0; e < expectations.size(); e++) {
      Expectation expectation = expectations.get(e);
      int base = expectation.relativeTo().map(name -> find(name, run, runs)).orElse(index);
      Optional<Fault> fault = faults.get(index).or(() -> faults.get(base));
      if (fault.isPresent()) {
        String message = "host " + fault.get().host() + " " + fault.get().message();
        verdicts.add(Verdict.error(expectation, message));
      } else if (expectation.relativeTo().isPresent()) {
        Run lender = runs.get(base);
        int lent = lender.origin().indexOfLent(ValidationCase.measureOf(expectation));
        verdicts.add(Evaluation.judgeGain(expectation, run.values()[e], lender.values()[lent]));
      } else {
        verdicts.add(Evaluation.judge(expectation, run.values()[e]));
      }
    }
    return new CaseResult(run.origin(), verdicts);
  }

  /** The case of the same file that has a name; the reader has seen to that there is one. */
  private static int find(String name, Run of, List<Run> runs) {
    for (int i = 0; i < runs.size(); i++) {
      ValidationCase other = runs.get(i).origin();
      if (other.name().equals(name) && other.file().equals(of.origin().file())) {
        return i;
      }
    }
    throw new IllegalArgumentException("case '" + name + "' is not run");
  }
}
