package stallcast.worker.shard;

import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import stallcast.kernel.host.HostOutcome;
import stallcast.kernel.host.HostSimulation;
import stallcast.kernel.scenario.HostSampler;
import stallcast.kernel.scenario.ScenarioSpec;

/**
 * Runs ranges of hosts of one scenario, one after another, with one simulation that is reused. Not
 * thread-safe: one instance per thread.
 *
 * <p>A host on which the simulator fails is a row that says so and never a lost shard; the
 * simulation that failed is thrown away, because its arrays may be half written.
 */
public final class ShardRunner {
  /** Longest message kept of a failed host, characters. */
  static final int MESSAGE_MAX = 500;

  /** One host from its index to its outcome. */
  @FunctionalInterface
  interface HostRun {
    HostOutcome run(long hostIndex);
  }

  private final int measureCount;
  private final HostSampler sampler;
  private final Supplier<HostRun> simulations;
  private final TaskNaming tasks;
  private HostRun simulation;

  /** A runner of one scenario. */
  public ShardRunner(ScenarioSpec spec) {
    this(spec, () -> new HostSimulation(spec)::run, new TemplateOrder());
  }

  ShardRunner(ScenarioSpec spec, Supplier<HostRun> simulations, TaskNaming tasks) {
    this.measureCount = spec.measures().size();
    this.sampler = new HostSampler(spec);
    this.simulations = simulations;
    this.tasks = tasks;
    this.simulation = simulations.get();
  }

  /**
   * Runs a range of hosts.
   *
   * @param firstHost global index of the first, &gt;= 0
   * @param count how many, &gt; 0
   * @param cancelled asked before every host
   * @return their rows
   * @throws CancellationException once {@code cancelled} says so
   */
  public OutcomeBlock run(long firstHost, int count, BooleanSupplier cancelled) {
    OutcomeBlockBuilder block =
        new OutcomeBlockBuilder(firstHost, count, sampler.columns().size(), measureCount);
    for (int i = 0; i < count; i++) {
      if (cancelled.getAsBoolean()) {
        throw new CancellationException("cancelled at host " + (firstHost + i));
      }
      runHost(firstHost + i, block);
    }
    return block.build();
  }

  private void runHost(long host, OutcomeBlockBuilder block) {
    try {
      block.add(simulation.run(host), tasks);
    } catch (Throwable failure) {
      throwIfFatal(failure);
      simulation = simulations.get();
      addFailed(host, block, describe(failure));
    }
  }

  private void addFailed(long host, OutcomeBlockBuilder block, String message) {
    try {
      block.addFailed(sampler.sample(host), message);
    } catch (RuntimeException unsampled) {
      block.addFailed(message);
    }
  }

  /** A JVM without memory, or broken inside, must not go on as if one host were to blame. */
  private static void throwIfFatal(Throwable failure) {
    if (failure instanceof VirtualMachineError error && !(error instanceof StackOverflowError)) {
      throw error;
    }
  }

  private static String describe(Throwable failure) {
    String type = failure.getClass().getSimpleName();
    String message = failure.getMessage();
    String line = message == null ? type : type + ": " + message.replaceAll("\\s*\\R\\s*", " ");
    return line.length() <= MESSAGE_MAX ? line : line.substring(0, MESSAGE_MAX);
  }
}
