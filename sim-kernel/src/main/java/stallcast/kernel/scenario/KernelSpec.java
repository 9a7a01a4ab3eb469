package stallcast.kernel.scenario;

import java.util.List;
import stallcast.kernel.random.Distribution;

/**
 * Kernel version and settings. A setting that is not overridden has the default of the preset that
 * the host drew.
 *
 * @param preset which {@link KernelPreset} the host runs
 * @param settings settings given in the scenario, each knob at most once
 */
public record KernelSpec(TextChoice preset, List<Setting> settings) {

  /** Copies the list. */
  public KernelSpec {
    settings = List.copyOf(settings);
  }

  /**
   * One setting.
   *
   * @param knob which
   * @param value its law, in the knob's own unit
   */
  public record Setting(KernelKnob knob, Distribution value) {}
}
