package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import stallcast.coordinator.scenario.yaml.Field;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.KernelKnob.Section;
import stallcast.kernel.scenario.KernelPreset;
import stallcast.kernel.scenario.KernelSpec;
import stallcast.kernel.scenario.StallFix;
import stallcast.kernel.scenario.TextChoice;

/** Reads the {@code kernel} block: a preset and what is set differently. */
final class KernelReader {
  private static final String NEGATION = "NO_";

  private final Cursor kernel;
  private final Map<KernelKnob, Distribution> values = new EnumMap<>(KernelKnob.class);
  private final Map<KernelKnob, Cursor> places = new EnumMap<>(KernelKnob.class);

  /** A reader of one kernel block. */
  KernelReader(Cursor kernel) {
    this.kernel = kernel;
  }

  /**
   * What was read.
   *
   * @param spec the kernel
   * @param places where its settings stand
   */
  record Reading(KernelSpec spec, Map<KernelKnob, Cursor> places) {}

  /**
   * Reads the block.
   *
   * @return empty with problems reported
   */
  Optional<Reading> read() {
    Optional<TextChoice> preset = preset();
    for (KernelKnob knob : KernelKnob.values()) {
      if (knob.section() != Section.FEATURE) {
        block(knob.section()).flatMap(b -> b.find(knob.key())).ifPresent(at -> put(knob, at));
      }
    }
    kernel.find(Section.FEATURE.key()).ifPresent(this::features);
    if (preset.isEmpty() || kernel.problems().isBroken(kernel.field())) {
      return Optional.empty();
    }
    KernelChecks checks = new KernelChecks(kernel, values, places);
    preset.get().values().forEach(checks::judge);
    List<KernelSpec.Setting> settings = new ArrayList<>();
    values.forEach((knob, law) -> settings.add(new KernelSpec.Setting(knob, law)));
    return Optional.of(new Reading(new KernelSpec(preset.get(), settings), places));
  }

  /** Whether a flag may be on with some preset of a kernel. */
  static boolean mayBeOn(KernelSpec kernel, KernelKnob knob) {
    for (KernelSpec.Setting setting : kernel.settings()) {
      if (setting.knob() == knob) {
        return Math.rint(setting.value().upper()) >= 1;
      }
    }
    return kernel.preset().values().stream()
        .anyMatch(word -> KernelPreset.parse(word).orElseThrow().defaultOf(knob) != 0);
  }

  /** How the scalar of a setting is read. */
  static ScalarReader reader(KernelKnob knob) {
    return switch (knob.unit()) {
      case FLAG -> new ScalarReader(Quantity.FLAG, Bounds.of(0, 1));
      case VARIANT -> new ScalarReader(Quantity.WHOLE, Bounds.of(knob), words(knob));
      case TIME_NS -> {
        Map<String, Double> words =
            knob == KernelKnob.WATCHDOG_PHASE_NS ? Map.of("random", -1.0) : Map.of();
        double min = Math.max(0, knob.min());
        yield new ScalarReader(Quantity.TIME, Bounds.of(min, (double) knob.max()), words);
      }
      case PERCENT -> new ScalarReader(Quantity.PERCENT, Bounds.of(knob));
      case PER_SECOND, SECONDS, MILLISECONDS, MICROSECONDS, COUNT ->
          new ScalarReader(Quantity.WHOLE, Bounds.of(knob));
    };
  }

  /** Words of a variant; the fix of seed 000 may also be switched with true and false. */
  private static Map<String, Double> words(KernelKnob knob) {
    Map<String, Double> words = new LinkedHashMap<>();
    if (knob == KernelKnob.FIX_RT_FORGIVE_UNOBSERVED_STALL) {
      words.put("true", (double) StallFix.RFC.ordinal());
      words.put("false", (double) StallFix.NONE.ordinal());
    }
    for (int i = 0; i < knob.words().size(); i++) {
      words.put(knob.words().get(i), (double) i);
    }
    return words;
  }

  private Optional<Cursor> block(Section section) {
    return section.key().isEmpty() ? Optional.of(kernel) : kernel.find(section.key());
  }

  private void put(KernelKnob knob, Cursor at) {
    places.put(knob, at);
    reader(knob).read(at).ifPresent(law -> values.put(knob, law));
  }

  /** A list of names as in {@code /sys/kernel/debug/sched/features}, or a map of name: flag. */
  private void features(Cursor features) {
    if (features.isMap()) {
      for (Cursor at : features.children()) {
        feature(at.name(), at).ifPresent(knob -> put(knob, at));
      }
      return;
    }
    for (Cursor item : features.items()) {
      String word = item.text().orElse("");
      boolean off = word.startsWith(NEGATION);
      String name = off ? word.substring(NEGATION.length()) : word;
      Optional<KernelKnob> knob = feature(name, item);
      knob.filter(places::containsKey)
          .ifPresent(k -> item.problem("scheduler feature '" + name + "' is given twice"));
      knob.ifPresent(
          k -> {
            places.put(k, item);
            values.put(k, new Fixed(off ? 0 : 1));
          });
    }
  }

  private static Optional<KernelKnob> feature(String name, Cursor at) {
    Optional<KernelKnob> knob = KernelKnob.find(Section.FEATURE, name);
    if (knob.isEmpty()) {
      List<String> legal =
          Arrays.stream(KernelKnob.values())
              .filter(k -> k.section() == Section.FEATURE)
              .map(KernelKnob::key)
              .toList();
      at.problems()
          .addScalar(
              at.field(),
              at.field(),
              Unmodelled.contains(name)
                  ? "scheduler feature " + Unmodelled.message(name)
                  : Suggestion.unknown("scheduler feature", name, legal));
    }
    return knob;
  }

  private Optional<TextChoice> preset() {
    Optional<Cursor> at = kernel.find("preset");
    if (at.isEmpty()) {
      kernel.missing("preset", "kernel needs the key 'preset': " + KernelPreset.LEGAL);
      return Optional.empty();
    }
    Map<String, Double> choices = new TreeMap<>(); // sorted: file order cannot change a draw
    Field whole = at.get().field();
    Optional<Cursor> random = at.get().find("categorical");
    if (random.isEmpty()) {
      at.get().text().ifPresent(word -> choices.put(word, 1.0));
    } else {
      for (String word : random.get().keys()) {
        Cursor entry = random.get().find(word).orElseThrow();
        choices.put(word, Weights.read(entry, whole, "the weight of " + word));
      }
    }
    Cursor shown = random.orElse(at.get());
    if (choices.isEmpty()) {
      String message = "preset must be " + KernelPreset.LEGAL + ", or {categorical: {…: weight}}";
      ScalarReader.fault(at.get(), whole, message);
      return Optional.empty();
    }
    boolean legal = true;
    for (String word : choices.keySet()) {
      legal &= !Double.isNaN(choices.get(word));
      if (KernelPreset.parse(word).isEmpty()) {
        String got = ", got '" + stallcast.coordinator.scenario.yaml.SourceNode.shortened(word);
        ScalarReader.fault(
            shown.find(word).orElse(shown),
            whole,
            "preset must be " + KernelPreset.LEGAL + got + "'");
        legal = false;
      }
    }
    if (!legal || !Weights.hasMass(choices.values(), shown, whole)) {
      return Optional.empty();
    }
    choices.values().removeIf(weight -> weight == 0);
    List<Double> weights = Arrays.stream(Weights.normalised(choices.values())).boxed().toList();
    return Optional.of(new TextChoice(List.copyOf(choices.keySet()), weights));
  }
}
