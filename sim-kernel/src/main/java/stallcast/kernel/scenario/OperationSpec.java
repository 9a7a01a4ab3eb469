package stallcast.kernel.scenario;

import java.util.List;
import stallcast.kernel.random.Distribution;

/**
 * Something that is done to the machine from outside.
 *
 * @param kind what it is called in records and traces
 * @param occurrence when it happens
 * @param effect what it does
 */
public record OperationSpec(Kind kind, Occurrence occurrence, Effect effect) {

  /** What is done. */
  public enum Kind {
    /** Stop-and-copy of a live migration. */
    LIVE_MIGRATION("live-migration"),
    /** Any other stop: snapshot, VMM upgrade, SIGSTOP. */
    PAUSE("pause"),
    /** More interrupts than usual for a while. */
    LOAD_BURST("load-burst");

    private final String key;

    Kind(String key) {
      this.key = key;
    }

    /** The word in scenarios and records. */
    public String key() {
      return key;
    }
  }

  /** What an operation does. */
  public sealed interface Effect {

    /**
     * Pauses the whole machine or some of its CPUs.
     *
     * @param cpus which vCPUs stop ({@link CpuSelection.Each} is not legal here)
     * @param blackout how long they stop
     * @param clock how much of the stop the machine's clock shows
     * @param guestStoppedFlag probability that the VMM sets PVCLOCK_GUEST_STOPPED
     *     (KVM_KVMCLOCK_CTRL) on every stopped vCPU, drawn per occurrence
     * @param resumeSkewNs delay of one vCPU thread at the resume, ns, drawn per vCPU
     * @param resumeOrder how these delays combine
     */
    record Stop(
        CpuSelection cpus,
        Blackout blackout,
        ClockVisibility clock,
        Distribution guestStoppedFlag,
        Distribution resumeSkewNs,
        ResumeOrder resumeOrder)
        implements Effect {}

    /**
     * Makes a source of softirq work busier on all its CPUs.
     *
     * @param source name of the {@link SoftirqSpec}
     * @param factor how many times as fast its interrupts come, &gt; 0, drawn per occurrence
     * @param lengthNs how long, ns, drawn per occurrence
     */
    record Burst(String source, Distribution factor, Distribution lengthNs) implements Effect {}
  }

  /** How the per-vCPU delays of a resume combine. */
  public enum ResumeOrder {
    /** Each vCPU is late by its own draw. */
    INDEPENDENT,
    /** vCPUs are started one after another in index order; delays add up. */
    INDEX
  }

  /** When an operation happens. */
  public sealed interface Occurrence {

    /**
     * At listed instants.
     *
     * @param atNs ns after the start of the run
     */
    record At(List<Distribution> atNs) implements Occurrence {

      /** Copies the list. */
      public At {
        atNs = List.copyOf(atNs);
      }
    }

    /**
     * A Poisson process over the horizon.
     *
     * @param perSecond rate, drawn once per host
     */
    record Rate(Distribution perSecond) implements Occurrence {}

    /**
     * A number of instants, uniform over the horizon.
     *
     * @param times how many, drawn per host
     */
    record Times(Distribution times) implements Occurrence {}
  }

  /** How long the machine stops. */
  public sealed interface Blackout {

    /**
     * Drawn directly.
     *
     * @param ns length of the stop, ns
     */
    record Drawn(Distribution ns) implements Blackout {}

    /**
     * Follows from pre-copy rounds (rt-throttle.md section 13); every value is drawn per
     * occurrence.
     *
     * @param ramBytes memory of the machine, bytes
     * @param workingSetBytes memory that is written at all, bytes
     * @param dirtyBytesPerSec rate at which it is dirtied, bytes/s
     * @param bandwidthBytesPerSec migration bandwidth, bytes/s
     * @param downtimeLimitNs the rounds end when the rest can be sent in this time, ns
     * @param switchNs fixed device and switch-over time, ns
     * @param maxRounds rounds after which the switch-over is forced
     * @param autoConverge whether vCPUs are throttled while rounds do not converge (QEMU: trigger
     *     50 %, 20 % + 10 % steps up to 99 %)
     */
    record PreCopy(
        Distribution ramBytes,
        Distribution workingSetBytes,
        Distribution dirtyBytesPerSec,
        Distribution bandwidthBytesPerSec,
        Distribution downtimeLimitNs,
        Distribution switchNs,
        Distribution maxRounds,
        boolean autoConverge)
        implements Blackout {}
  }

  /** How much of the stop the machine's own clock shows afterwards. */
  public sealed interface ClockVisibility {

    /**
     * A share of the stop.
     *
     * @param share 0..1, drawn per occurrence
     */
    record Share(Distribution share) implements ClockVisibility {}

    /** The final page transfer only, as QEMU/kvmclock keeps it; needs {@link Blackout.PreCopy}. */
    record FinalTransfer() implements ClockVisibility {}
  }
}
