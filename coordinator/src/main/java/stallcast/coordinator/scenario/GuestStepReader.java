package stallcast.coordinator.scenario;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import stallcast.kernel.scenario.Step;

/** Reads what guests do to each other: locks, IPIs and directed yields. */
final class GuestStepReader {
  private static final int FAN_OUT_MAX = 65_535;
  private static final ScalarReader FAN_OUT =
      new ScalarReader(Quantity.WHOLE, Bounds.of(1, FAN_OUT_MAX));

  private final Map<String, String> vms;
  private final List<String> locks;

  /**
   * A reader for one class of hosts.
   *
   * @param vms the virtual machine of each task template, empty for none
   * @param locks names of the locks
   */
  GuestStepReader(Map<String, String> vms, List<String> locks) {
    this.vms = vms;
    this.locks = locks;
  }

  Optional<Step> lock(Cursor body) {
    return named(body, "lock", locks).map(Step.Lock::new);
  }

  static Optional<Step> ipi(Cursor body) {
    return FAN_OUT.read(body).map(Step.Ipi::new);
  }

  Optional<Step> yieldTo(Cursor body) {
    return named(body, "task", List.copyOf(vms.keySet())).map(Step.YieldTo::new);
  }

  private static Optional<String> named(Cursor body, String what, List<String> legal) {
    String name = body.text().orElse("");
    if (!legal.contains(name)) {
      ScalarReader.fault(body, body.field(), Suggestion.unknown(what, name, legal));
      return Optional.empty();
    }
    return Optional.of(name);
  }

  /** Reports what is wrong with such steps in the program of a task. @return whether nothing is */
  boolean check(Cursor task, Cursor program, List<Step> steps) {
    String vm = task.text("vm", "");
    if (vm.isEmpty() && uses(steps)) {
      program.problem("lock, unlock, ipi, wait-ipi and yield-to need the key 'vm' of the task");
      return false;
    }
    try {
      if (walk(steps, false, vm)) {
        throw new Fault("a round of the program ends with a lock held: unlock is missing");
      }
      return true;
    } catch (Fault fault) {
      program.problem(fault.getMessage());
      return false;
    }
  }

  private static boolean uses(List<Step> steps) {
    return steps.stream()
        .anyMatch(
            step ->
                step instanceof Step.Lock
                    || step instanceof Step.Unlock
                    || step instanceof Step.Ipi
                    || step instanceof Step.WaitIpi
                    || step instanceof Step.YieldTo
                    || (step instanceof Step.Repeat repeat && uses(repeat.body()))
                    || (step instanceof Step.Choose choose
                        && choose.bodies().stream().anyMatch(GuestStepReader::uses)));
  }

  /** What a program does with its locks cannot work. */
  private static final class Fault extends Exception {
    private static final long serialVersionUID = 1;

    Fault(String message) {
      super(message);
    }
  }

  /** Whether a lock is held behind some steps. */
  private boolean walk(List<Step> steps, boolean before, String vm) throws Fault {
    boolean held = before;
    for (Step step : steps) {
      if (step instanceof Step.Lock lock) {
        held = taken(lock, held);
      } else if (step instanceof Step.Unlock) {
        held = released(held);
      } else if (step instanceof Step.Exit && held) {
        throw new Fault("exit with a lock held: nobody could ever take it again");
      } else if (step instanceof Step.YieldTo to && !vm.equals(vms.get(to.task()))) {
        throw new Fault(
            "yield-to: " + to.task() + " is no vCPU of vm '" + vm + "': KVM yields within a VM");
      } else if (step instanceof Step.Repeat repeat && walk(repeat.body(), held, vm) != held) {
        throw new Fault("the body of a repeat must release the lock that it takes");
      } else if (step instanceof Step.Choose choose) {
        held = chosen(choose, held, vm);
      }
    }
    return held;
  }

  private static boolean taken(Step.Lock lock, boolean held) throws Fault {
    if (held) {
      throw new Fault("lock: " + lock.name() + " while a lock is held; a vCPU holds one at most");
    }
    return true;
  }

  private static boolean released(boolean held) throws Fault {
    if (!held) {
      throw new Fault("unlock without a lock");
    }
    return false;
  }

  private boolean chosen(Step.Choose choose, boolean held, String vm) throws Fault {
    boolean first = walk(choose.bodies().get(0), held, vm);
    for (List<Step> body : choose.bodies()) {
      if (walk(body, held, vm) != first) {
        throw new Fault("all alternatives of a choose must end with the lock held, or none");
      }
    }
    return first;
  }
}
