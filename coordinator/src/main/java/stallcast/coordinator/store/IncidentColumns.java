package stallcast.coordinator.store;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import stallcast.kernel.scenario.HostSpec;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.ScenarioSpec;

/** Columns of the table {@code incidents}. */
final class IncidentColumns {
  private static final IncidentKind[] KINDS = IncidentKind.values();

  private final ScenarioSpec spec;

  private IncidentColumns(ScenarioSpec spec) {
    this.spec = spec;
  }

  static TableColumns<HostCursor> of(ScenarioSpec spec) {
    IncidentColumns table = new IncidentColumns(spec);
    return new TableColumns<HostCursor>(TableName.INCIDENTS.key())
        .int64("host_index", HostCursor::host)
        .text("kind", at -> KINDS[at.incidents().kind()[at.record()]].key())
        .text("cause_chain", table::causeChain)
        .int64("start_ns", at -> at.incidents().startNs()[at.record()])
        .optionalInt64("end_ns", at -> at.incidents().endNs()[at.record()])
        .optionalInt64("detected_ns", at -> at.incidents().detectedNs()[at.record()])
        .optionalInt32("cpu", at -> at.incidents().cpu()[at.record()])
        .optionalText("task", table::task)
        .optionalText("branch", IncidentColumns::branch)
        .optionalInt64("peak_rt_time_ns", at -> at.incidents().peakRtTimeNs()[at.record()])
        .optionalInt64("residual_rt_time_ns", at -> at.incidents().residualRtTimeNs()[at.record()])
        .int32("refills", at -> at.incidents().refills()[at.record()])
        .int32("tasks_held", at -> at.incidents().tasksHeld()[at.record()])
        .int32("reports", at -> at.incidents().reports()[at.record()])
        .optionalInt32("printed_seconds", at -> at.incidents().printedSeconds()[at.record()]);
  }

  /** From the operation, if there was one, over the causing incidents down to the record's kind. */
  private String causeChain(HostCursor at) {
    Deque<String> chain = new ArrayDeque<>();
    int record = at.record();
    int operation = -1;
    while (true) {
      chain.addFirst(KINDS[at.incidents().kind()[record]].key());
      operation = Math.max(operation, at.incidents().operation()[record]);
      int parent = at.incidents().parent()[record];
      if (parent < 0) {
        break;
      }
      if (at.firstRecord() + parent >= record) {
        throw new IllegalStateException("host " + at.host() + ": a cause follows its effect");
      }
      record = at.firstRecord() + parent;
    }
    if (operation >= 0) {
      chain.addFirst(host(at).operations().get(operation).kind().key());
    }
    return String.join(">", chain);
  }

  private Optional<String> task(HostCursor at) {
    int template = at.incidents().template()[at.record()];
    if (template < 0) {
      return Optional.empty();
    }
    String name = host(at).tasks().get(template).name();
    int index = at.incidents().taskIndex()[at.record()];
    return Optional.of(index < 0 ? name : name + "-" + index);
  }

  private static Optional<String> branch(HostCursor at) {
    int branch = at.incidents().branch()[at.record()];
    return branch == 0 ? Optional.empty() : Optional.of(Character.toString(branch));
  }

  private HostSpec host(HostCursor at) {
    return spec.strata().get(at.block().stratum()[at.row()]).host();
  }
}
