package stallcast.kernel.scenario;

import java.util.List;
import stallcast.kernel.random.Distribution;

/**
 * Kernel version and settings. A setting that is not overridden has the default of the preset that
 * the host drew.
 *
 * @param preset which {@link KernelPreset} the host runs
 * @param overrides settings given in the scenario, each knob at most once
 */
public record KernelSpec(TextChoice preset, List<Override> overrides) {

  /** Copies the list. */
  public KernelSpec {
    overrides = List.copyOf(overrides);
  }

  /**
   * One setting.
   *
   * @param knob which
   * @param value its law, in the knob's own unit
   */
  public record Override(KernelKnob knob, Distribution value) {}
}
