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
    preset.get().values().forEach(this::checkAgainst);
    List<KernelSpec.Setting> settings = new ArrayList<>();
    values.forEach((knob, law) -> settings.add(new KernelSpec.Setting(knob, law)));
    return Optional.of(new Reading(new KernelSpec(preset.get(), settings), places));
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
      case PER_SECOND, SECONDS, MILLISECONDS, MICROSECONDS, COUNT, PERCENT ->
          new ScalarReader(Quantity.WHOLE, Bounds.of(knob));
    };
  }

  /** Words of a variant; a fix may also be switched with true, its first variant, and false. */
  private static Map<String, Double> words(KernelKnob knob) {
    Map<String, Double> words = new LinkedHashMap<>();
    words.put("true", 1.0);
    words.put("false", 0.0);
    for (String word : knob.words()) {
      words.put(word, (double) words.size() - 2);
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

  /** Judges the settings together, and what they do on one of the presets. */
  private void checkAgainst(String word) {
    KernelPreset preset = KernelPreset.parse(word).orElseThrow();
    long[] knobs = preset.defaults();
    // The worst draw: budgets as large, periods as small as they can be.
    values.forEach(
        (knob, law) -> {
          boolean period =
              knob == KernelKnob.SCHED_RT_PERIOD_US || knob == KernelKnob.FAIR_SERVER_PERIOD_NS;
          knobs[knob.ordinal()] = Math.round(period ? law.lower() : law.upper());
        });
    boolean varies = values.values().stream().anyMatch(law -> !law.isFixed());
    for (String conflict : KernelPreset.conflicts(knobs)) {
      KernelKnob[] blamed =
          conflict.startsWith("fair-server")
              ? new KernelKnob[] {
                KernelKnob.FAIR_SERVER_RUNTIME_NS, KernelKnob.FAIR_SERVER_PERIOD_NS
              }
              : new KernelKnob[] {KernelKnob.SCHED_RT_RUNTIME_US, KernelKnob.SCHED_RT_PERIOD_US};
      Cursor at = places.getOrDefault(blamed[0], places.getOrDefault(blamed[1], kernel));
      at.problem(conflict + (varies ? "; a host may draw this" : ""));
    }
    noteIdle(word, knobs);
  }

  private void noteIdle(String word, long[] knobs) {
    boolean rt =
        knobs[KernelKnob.RT_BANDWIDTH.ordinal()] != 0
            || knobs[KernelKnob.RT_GROUP_SCHED.ordinal()] != 0;
    boolean server = knobs[KernelKnob.FAIR_SERVER.ordinal()] != 0;
    places.forEach(
        (knob, at) -> {
          boolean idle =
              switch (knob) {
                case SCHED_RT_PERIOD_US,
                    SCHED_RT_RUNTIME_US,
                    RT_RUNTIME_SHARE,
                    FIX_RT_FORGIVE_UNOBSERVED_STALL ->
                    !rt;
                case FAIR_SERVER_PERIOD_NS, FAIR_SERVER_RUNTIME_NS -> !server;
                default -> false;
              };
          if (idle) {
            String mechanism =
                knob.section() == Section.FAIR_SERVER ? "the fair server" : "RT throttling";
            String block = knob.section() == Section.FAIR_SERVER ? "fair-server " : "";
            String effect = " has no effect on preset " + word + ": " + mechanism;
            at.note(block + knob.key() + effect + " is off there");
          }
        });
  }
}
