package stallcast.kernel.scenario;

import java.util.Locale;

/** Who a spinning vCPU yields to (eevdf-and-directed-yield.md sections 3 to 5). */
public enum YieldTargeting {
  /** As released: the next vCPU in turn that may run ({@code kvm_vcpu_on_spin()}). */
  KVM,
  /** Series v1 and v2: as released, and the receiver of the spinner's last IPI in any case. */
  IPI_FILTER,
  /** Series v3: that receiver, then vCPUs with a pending interrupt, then preempted ones. */
  IPI_PRIORITY,
  /** The vCPU that is waited for, if it is preempted, and nobody else. */
  HOLDER;

  /** The word in scenarios: kebab-case. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
