package stallcast.kernel.watchdog;

import java.util.Arrays;
import java.util.List;
import stallcast.kernel.cpu.GuestStoppedFlag;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.random.RandomStream;
import stallcast.kernel.random.StreamPurpose;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.Step;

/**
 * The hung-task checker: passes over the tasks in state D and reports those that were not switched
 * since a pass that lies the timeout or longer behind.
 *
 * <p>Models: {@code watchdog()}, {@code check_hung_task()}, {@code reset_hung_task_detector()}
 * (kernel/hung_task.c, v6.12); the next pass counts from the end of the last one, so a stop moves
 * all later ones. A pass that is late because of a stop comes after all interrupts of the resume:
 * it needs a task switch. A guest-stopped flag that anybody finds makes it skip one pass. State:
 * switch count and instant of its change [task], warnings left. With {@link Fidelity#AUTO} a host
 * without a {@code block-io} step runs no pass. Drives: nothing. Leaves out: starvation of the
 * checker's own task, which is taken to be on CPU 0, and {@code hung_task_check_count}.
 */
public final class HungTaskChecker implements Stateful, GuestStoppedFlag.Listener {
  /** kernel.hung_task_warnings: reports before silence. */
  static final int WARNINGS_MAX = 10;

  /** Longer settings are this long: no run takes thirty years. */
  private static final long SECONDS_MAX = 1_000_000_000L;

  /** The CPU of the checker's timer. */
  private static final int CHECKER_CPU = 0;

  /** Entity of the stream; 0 is the watchdog's phase, 1 RCU, 2 the workqueue watchdog. */
  private static final int STREAM_ENTITY = 3;

  private static final long NS_PER_SECOND = 1_000_000_000L;

  private final KernelClock clock;
  private final TaskTable tasks;
  private final RandomStream phase = new RandomStream();
  private KernelObserver observer = new KernelObserver() {};
  private long timeoutNs;
  private long intervalNs;
  private long dueNs; // of the armed pass
  private boolean skips;
  private int warnings;
  private long[] lastCount = new long[0]; // [task] last_switch_count
  private long[] changedNs = new long[0]; // [task] last_switch_time: the pass that saw it change
  private boolean[] reported = new boolean[0]; // [task] since it changed
  private int timer;

  /** The checker of one kernel. */
  public HungTaskChecker(KernelCore core) {
    clock = core.clock();
    tasks = core.tasks();
    core.guestStoppedFlag().addListener(this);
  }

  /** Starts with a random phase of the passes. */
  public void reset(
      HostConfig config,
      Fidelity fidelity,
      long masterSeed,
      int replicate,
      KernelObserver newObserver) {
    observer = newObserver;
    long timeout = Math.min(config.knob(KernelKnob.HUNG_TASK_TIMEOUT_SECS), SECONDS_MAX);
    long given = config.knob(KernelKnob.HUNG_TASK_CHECK_INTERVAL_SECS);
    timeoutNs = timeout * NS_PER_SECOND;
    intervalNs = (given == 0 ? timeout : Math.min(given, timeout)) * NS_PER_SECOND;
    skips = false;
    warnings = WARNINGS_MAX;
    if (lastCount.length < tasks.count()) {
      lastCount = new long[tasks.count()];
      changedNs = new long[tasks.count()];
      reported = new boolean[tasks.count()];
    }
    Arrays.fill(lastCount, 0, tasks.count(), 0);
    Arrays.fill(changedNs, 0, tasks.count(), clock.nowNs());
    Arrays.fill(reported, 0, tasks.count(), false);
    phase.derive(
        masterSeed, StreamPurpose.GUEST_STATE, 0, config.hostIndex(), replicate, STREAM_ENTITY);
    dueNs = clock.nowNs() + (long) (phase.nextDouble() * intervalNs);
    timer = clock.register(index -> onTimer(), TimerPriority.WATCHDOG, 1);
    clock.pin(timer, CHECKER_CPU);
    if (timeoutNs > 0 && (fidelity == Fidelity.EXACT || mayBlock(config))) {
      clock.arm(timer, dueNs);
    }
  }

  private static boolean mayBlock(HostConfig config) {
    return config.tasks().stream().anyMatch(t -> t.count() > 0 && blocks(t.spec().program()));
  }

  private static boolean blocks(List<Step> steps) {
    return steps.stream()
        .anyMatch(
            step ->
                step instanceof Step.BlockIo
                    || (step instanceof Step.Repeat repeat && blocks(repeat.body()))
                    || (step instanceof Step.Choose choose
                        && choose.bodies().stream().anyMatch(HungTaskChecker::blocks)));
  }

  @Override
  public void onGuestStopped(int cpu) {
    skips = true;
  }

  private void onTimer() {
    long now = clock.nowNs();
    if (now > dueNs) {
      dueNs = now;
      clock.armNow(timer); // behind what the resume still has to do at this instant
      return;
    }
    if (!skips) {
      for (int task = 0; task < tasks.count(); task++) {
        if (tasks.state(task) == TaskTable.BLOCKED_IO) {
          check(task, now);
        }
      }
    }
    skips = false;
    dueNs = now + intervalNs;
    clock.arm(timer, dueNs);
  }

  private void check(int task, long now) {
    long count = tasks.switchCount(task);
    if (count != lastCount[task]) {
      lastCount[task] = count;
      changedNs[task] = now;
      reported[task] = false;
    } else if (now - changedNs[task] >= timeoutNs && warnings > 0) {
      warnings--;
      int seconds = (int) ((now - changedNs[task]) / NS_PER_SECOND);
      observer.onReport(
          IncidentKind.HUNG_TASK, task, tasks.blockedSinceNs(task), seconds, reported[task]);
      reported[task] = true;
    }
  }

  @Override
  public void save(StateBuffer out) {
    out.put(dueNs);
    out.put(skips);
    out.put(warnings);
    out.put(lastCount, tasks.count());
    out.put(changedNs, tasks.count());
    out.put(reported, tasks.count());
  }

  @Override
  public void restore(StateBuffer in) {
    dueNs = in.take();
    skips = in.takeFlag();
    warnings = in.takeInt();
    in.take(lastCount, tasks.count());
    in.take(changedNs, tasks.count());
    in.take(reported, tasks.count());
  }
}
