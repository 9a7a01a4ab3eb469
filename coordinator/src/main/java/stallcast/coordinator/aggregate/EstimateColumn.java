package stallcast.coordinator.aggregate;

import java.util.Locale;

/** Columns of the table {@code estimates}, in file order (statistics.md section 15). */
public enum EstimateColumn {
  /** Run. */
  RUN_ID(Type.TEXT),
  /** Scenario. */
  SCENARIO_ID(Type.TEXT),
  /** Values of the arm, canonical JSON. */
  PARAMS(Type.TEXT),
  /** Stratum, or {@code FLEET}. */
  STRATUM(Type.TEXT),
  /** What is estimated. */
  METRIC(Type.TEXT),
  /** Unit of the estimate. */
  UNIT(Type.TEXT),
  /** How it is estimated. */
  ESTIMATOR(Type.TEXT),
  /** Hosts behind it, failed ones not included. */
  N_HOSTS(Type.LONG),
  /** Independent replicates behind it; for crude Monte Carlo the hosts. */
  N_REPLICATES(Type.LONG),
  /** Failed hosts, in no other number. */
  N_FAILED(Type.LONG),
  /** Simulated time, s. */
  EXPOSURE_HOST_SECONDS(Type.DOUBLE),
  /** Trials of a conditional probability: operations. */
  N_TRIALS(Type.LONG),
  /** Events behind the estimate. */
  N_EVENTS(Type.LONG),
  /** Independent hosts the estimate is worth. */
  N_EFF(Type.DOUBLE),
  /** The estimate; null if nothing was observed. */
  ESTIMATE(Type.DOUBLE),
  /** Its standard error. */
  STD_ERROR(Type.DOUBLE),
  /** Standard error over estimate. */
  REL_STD_ERROR(Type.DOUBLE),
  /** Level of all intervals of the row. */
  CI_LEVEL(Type.DOUBLE),
  /** Method of the chosen interval. */
  CI_METHOD(Type.TEXT),
  /** Chosen interval. */
  CI_LOW(Type.DOUBLE),
  /** Chosen interval. */
  CI_HIGH(Type.DOUBLE),
  /** Wilson interval. */
  WILSON_LOW(Type.DOUBLE),
  /** Wilson interval. */
  WILSON_HIGH(Type.DOUBLE),
  /** Clopper-Pearson interval. */
  CP_LOW(Type.DOUBLE),
  /** Clopper-Pearson interval. */
  CP_HIGH(Type.DOUBLE),
  /** Interval that holds at every number of hosts at once. */
  CS_LOW(Type.DOUBLE),
  /** Interval that holds at every number of hosts at once. */
  CS_HIGH(Type.DOUBLE),
  /** Index of dispersion of a rate. */
  DISPERSION(Type.DOUBLE),
  /** Smallest value: of a measure, in its unit. */
  MIN(Type.LONG),
  /** Largest value: of a measure in its unit, of an incident its length in ns. */
  MAX(Type.LONG),
  /** Timer expiries. */
  WORK_EVENTS(Type.LONG),
  /** CPU time; always null, because no two runs have the same. */
  WORK_CPU_NS(Type.LONG),
  /** Work saved against crude Monte Carlo; null for itself. */
  GAIN_VS_CRUDE(Type.DOUBLE),
  /** Variance saved by common random numbers; null without a pair. */
  CRN_GAIN(Type.DOUBLE),
  /** Why no more hosts were run. */
  STOP_REASON(Type.TEXT),
  /** What a reader must know, see {@link EstimateFlag}. */
  FLAGS(Type.TEXT_LIST),
  /** Master seed. */
  SEED(Type.LONG),
  /** Hash of the resolved scenario. */
  CONFIG_HASH(Type.TEXT),
  /** Version of the simulator. */
  SOFTWARE_VERSION(Type.TEXT),
  /** All hosts below this index are in. */
  WATERMARK_HOST(Type.LONG);

  /** How a column's values look. */
  public enum Type {
    /** Text. */
    TEXT,
    /** Whole number. */
    LONG,
    /** Real number. */
    DOUBLE,
    /** List of words. */
    TEXT_LIST
  }

  private final Type type;

  EstimateColumn(Type type) {
    this.type = type;
  }

  /** How its values look. */
  public Type type() {
    return type;
  }

  /** The name in files and JSON. */
  public String column() {
    return name().toLowerCase(Locale.ROOT);
  }
}
