package stallcast.kernel.scenario;

import java.util.Optional;

/**
 * The KVM run loop that a task's {@code guest} and {@code halt} steps run in: whether it lets
 * pending task work run before each guest entry, and how long a halt is polled.
 *
 * <p>Source: cfs-bandwidth-freeze.md section 2 (VIRT_XFER_TO_GUEST_WORK of each architecture),
 * knobs-fair-kvm.md section 3 (KVM_HALT_POLL_NS_DEFAULT; s390: arch/s390/include/asm/kvm_host.h).
 */
public enum VcpuArch {
  /** Intel x86. */
  X86("x86", true, 200_000),
  /** 64-bit Arm. */
  ARM64("arm64", true, 500_000),
  /** RISC-V. */
  RISCV("riscv", true, 500_000),
  /** s390. */
  S390("s390", true, 50_000),
  /** LoongArch. */
  LOONGARCH("loongarch", true, 500_000),
  /** POWER8 and later with the hypervisor facilities: drains only with the fix of 7.3. */
  BOOK3S_HV("book3s-hv", false, 10_000),
  /** AMD x86. */
  AMD("amd", true, 200_000);

  private final String key;
  private final boolean drains;
  private final long haltPollNs;

  VcpuArch(String key, boolean drains, long haltPollNs) {
    this.key = key;
    this.drains = drains;
    this.haltPollNs = haltPollNs;
  }

  /** The word in scenarios. */
  public String key() {
    return key;
  }

  /** Whether a kernel's run loop runs task work before each guest entry. */
  public boolean drainsAtGuestEntry(HostConfig host) {
    return drains || host.isOn(KernelKnob.FIX_BOOK3S_HV_GUEST_ENTRY_WORK);
  }

  /** Longest time for which a halt is polled, ns. */
  public long haltPollNs(HostConfig host) {
    long given = host.knob(KernelKnob.HALT_POLL_NS);
    return given >= 0 ? given : haltPollNs;
  }

  /** Finds an architecture by its word. */
  public static Optional<VcpuArch> find(String key) {
    for (VcpuArch arch : values()) {
      if (arch.key.equals(key)) {
        return Optional.of(arch);
      }
    }
    return Optional.empty();
  }
}
