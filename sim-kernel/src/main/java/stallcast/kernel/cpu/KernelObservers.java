package stallcast.kernel.cpu;

import java.util.List;
import stallcast.kernel.scenario.IncidentKind;

/** Passes every observation on to several observers, in order. */
public final class KernelObservers implements KernelObserver {
  private final KernelObserver[] observers;

  /** All of these, in this order. */
  public KernelObservers(List<KernelObserver> observers) {
    this.observers = observers.toArray(new KernelObserver[0]);
  }

  @Override
  public boolean wantsSwitches() {
    for (KernelObserver observer : observers) {
      if (observer.wantsSwitches()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean wantsEveryTask() {
    for (KernelObserver observer : observers) {
      if (observer.wantsEveryTask()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void onSwitch(int cpu, int prev, int next) {
    for (KernelObserver observer : observers) {
      observer.onSwitch(cpu, prev, next);
    }
  }

  @Override
  public void onWakeup(int task, int cpu) {
    for (KernelObserver observer : observers) {
      observer.onWakeup(task, cpu);
    }
  }

  @Override
  public void onLongWait(int task, int cpu, long waitedNs) {
    for (KernelObserver observer : observers) {
      observer.onLongWait(task, cpu, waitedNs);
    }
  }

  @Override
  public void onStallCharge(int cpu, int task, long deltaNs, long rtTimeNs) {
    for (KernelObserver observer : observers) {
      observer.onStallCharge(cpu, task, deltaNs, rtTimeNs);
    }
  }

  @Override
  public void onForgiven(int cpu, int task, long deltaNs, boolean byFlag) {
    for (KernelObserver observer : observers) {
      observer.onForgiven(cpu, task, deltaNs, byFlag);
    }
  }

  @Override
  public void onRtThrottle(int cpu, int group, long rtTimeNs, long runtimeNs) {
    for (KernelObserver observer : observers) {
      observer.onRtThrottle(cpu, group, rtTimeNs, runtimeNs);
    }
  }

  @Override
  public void onRtRefill(int cpu, int group, long overrun, long beforeNs, long afterNs) {
    for (KernelObserver observer : observers) {
      observer.onRtRefill(cpu, group, overrun, beforeNs, afterNs);
    }
  }

  @Override
  public void onRtUnthrottle(int cpu, int group, long rtTimeNs) {
    for (KernelObserver observer : observers) {
      observer.onRtUnthrottle(cpu, group, rtTimeNs);
    }
  }

  @Override
  public void onRtBorrow(int cpu, int group, long runtimeNs) {
    for (KernelObserver observer : observers) {
      observer.onRtBorrow(cpu, group, runtimeNs);
    }
  }

  @Override
  public void onCfsThrottle(int cpu, int group, long remainingNs) {
    for (KernelObserver observer : observers) {
      observer.onCfsThrottle(cpu, group, remainingNs);
    }
  }

  @Override
  public void onCfsHold(int cpu, int group, long remainingNs) {
    for (KernelObserver observer : observers) {
      observer.onCfsHold(cpu, group, remainingNs);
    }
  }

  @Override
  public void onCfsUnthrottle(int cpu, int group, long remainingNs) {
    for (KernelObserver observer : observers) {
      observer.onCfsUnthrottle(cpu, group, remainingNs);
    }
  }

  @Override
  public void onFairServer(int cpu, boolean running) {
    for (KernelObserver observer : observers) {
      observer.onFairServer(cpu, running);
    }
  }

  @Override
  public void onStop(int operation, int occurrence, long stopNs, long shownNs, boolean flag) {
    for (KernelObserver observer : observers) {
      observer.onStop(operation, occurrence, stopNs, shownNs, flag);
    }
  }

  @Override
  public void onSoftirqEntry(int cpu, int pending) {
    for (KernelObserver observer : observers) {
      observer.onSoftirqEntry(cpu, pending);
    }
  }

  @Override
  public void onSoftirqExit(int cpu, long items) {
    for (KernelObserver observer : observers) {
      observer.onSoftirqExit(cpu, items);
    }
  }

  @Override
  public void onWalkerIpi(int cpu, long visits) {
    for (KernelObserver observer : observers) {
      observer.onWalkerIpi(cpu, visits);
    }
  }

  @Override
  public void onBurst(int operation, int occurrence, double factor, long lengthNs) {
    for (KernelObserver observer : observers) {
      observer.onBurst(operation, occurrence, factor, lengthNs);
    }
  }

  @Override
  public void onResume(int cpu) {
    for (KernelObserver observer : observers) {
      observer.onResume(cpu);
    }
  }

  @Override
  public void onFlagConsumed(int cpu, String consumer) {
    for (KernelObserver observer : observers) {
      observer.onFlagConsumed(cpu, consumer);
    }
  }

  @Override
  public void onSoftLockup(int cpu, int task, long touchNs, int seconds) {
    for (KernelObserver observer : observers) {
      observer.onSoftLockup(cpu, task, touchNs, seconds);
    }
  }

  @Override
  public void onReport(IncidentKind kind, int subject, long sinceNs, int seconds, boolean again) {
    for (KernelObserver observer : observers) {
      observer.onReport(kind, subject, sinceNs, seconds, again);
    }
  }

  @Override
  public void onSoftirqTrap(int cpu, long sinceNs) {
    for (KernelObserver observer : observers) {
      observer.onSoftirqTrap(cpu, sinceNs);
    }
  }

  @Override
  public void onReportEnd(IncidentKind kind, int cpu, long atNs) {
    for (KernelObserver observer : observers) {
      observer.onReportEnd(kind, cpu, atNs);
    }
  }
}
