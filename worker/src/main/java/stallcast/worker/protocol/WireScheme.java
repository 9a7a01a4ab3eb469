package stallcast.worker.protocol;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.util.DefaultClassResolver;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import stallcast.kernel.random.ArrivalProcess;
import stallcast.kernel.random.Categorical;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Empirical;
import stallcast.kernel.random.Mixture;
import stallcast.kernel.random.Mmpp;
import stallcast.kernel.random.TraceArrivals;
import stallcast.kernel.random.Truncated;
import stallcast.kernel.scenario.CgroupSpec;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.HostSpec;
import stallcast.kernel.scenario.KernelSpec;
import stallcast.kernel.scenario.LockSpec;
import stallcast.kernel.scenario.MeasureSpec;
import stallcast.kernel.scenario.MetricName;
import stallcast.kernel.scenario.OperationSpec;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.kernel.scenario.SoftirqSpec;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.StratumSpec;
import stallcast.kernel.scenario.TaskSpec;
import stallcast.kernel.scenario.TextChoice;
import stallcast.kernel.scenario.WindowSpec;
import stallcast.worker.shard.OutcomeBlock;

/**
 * The allow-list of the wire: which values may be in the bytes, and under which number.
 *
 * <p>A sealed interface stands for all its values, in order of their names, from its number on;
 * nothing is registered by name or on demand. The fingerprint covers the layout of every value, so
 * that two builds with different layouts refuse each other instead of misreading.
 */
final class WireScheme {
  // First number of each entry. Kryo itself uses 0..8 for primitives.
  private static final int MESSAGES = 32;
  private static final int PARTS = 96;
  private static final int SCENARIO = 128;
  private static final int DISTRIBUTIONS = 256;

  private static final int DEPTH_MAX = 100; // nesting of records in a message

  /** Values that are no records, with their components in the order of the constructor. */
  private static final Map<Class<?>, String[]> CLASSES =
      Map.of(
          Categorical.class, new String[] {"values", "weights"},
          Empirical.class, new String[] {"edges", "weights", "logUniform"},
          Mixture.class, new String[] {"components", "weights"},
          Mmpp.class, new String[] {"ratesPerSecond", "meanSojournNs"},
          TraceArrivals.class, new String[] {"gapsNs", "repeat"},
          Truncated.class, new String[] {"base", "min", "max"});

  private static final Map<Class<?>, Integer> IDS = ids();
  private static final Map<Class<?>, ValueSerializer> SERIALIZERS = serializers();

  private WireScheme() {}

  private static Map<Class<?>, Integer> ids() {
    Map<Class<?>, Integer> ids = new LinkedHashMap<>();
    register(ids, MESSAGES, WireMessage.class);
    register(ids, PARTS, CodeIdentity.class, Parcel.Chunk.class);
    register(
        ids,
        PARTS + 16,
        OutcomeBlock.class,
        OutcomeBlock.IncidentRows.class,
        OutcomeBlock.HostFailure.class);
    register(
        ids,
        SCENARIO,
        ScenarioSpec.class,
        WindowSpec.class,
        StratumSpec.class,
        HostSpec.class,
        KernelSpec.class,
        KernelSpec.Setting.class,
        TextChoice.class,
        CgroupSpec.class,
        TaskSpec.class,
        TaskSpec.TaskCount.class,
        OperationSpec.class,
        MeasureSpec.class,
        MetricName.class,
        SoftirqSpec.class,
        CgroupSpec.CpuMax.class,
        LockSpec.class);
    register(ids, SCENARIO + 32, CpuSelection.class);
    register(ids, SCENARIO + 40, Step.class);
    register(ids, SCENARIO + 64, OperationSpec.Occurrence.class);
    register(ids, SCENARIO + 72, OperationSpec.Blackout.class);
    register(ids, SCENARIO + 80, OperationSpec.ClockVisibility.class);
    register(ids, SCENARIO + 88, OperationSpec.Effect.class);
    register(ids, SCENARIO + 96, ArrivalProcess.class);
    register(ids, DISTRIBUTIONS, Distribution.class);
    return ids;
  }

  private static void register(Map<Class<?>, Integer> ids, int first, Class<?>... types) {
    int id = first;
    for (Class<?> type : types) {
      for (Class<?> leaf : recordsOf(type)) {
        if (ids.containsValue(id) || ids.put(leaf, id) != null) {
          throw new IllegalStateException("number " + id + " or " + leaf + " is taken");
        }
        id++;
      }
    }
  }

  /**
   * The type itself if it is a value, or all values below a sealed interface in order of their
   * names.
   */
  private static List<Class<?>> recordsOf(Class<?> type) {
    if (type.isRecord() || CLASSES.containsKey(type)) {
      return List.of(type);
    }
    if (!type.isSealed()) {
      throw new IllegalStateException(type + " is no record, not sealed and not listed");
    }
    List<Class<?>> leaves = new ArrayList<>();
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      leaves.addAll(recordsOf(permitted));
    }
    leaves.sort(Comparator.comparing(Class::getName));
    return leaves;
  }

  private static Map<Class<?>, ValueSerializer> serializers() {
    Map<Class<?>, ValueSerializer> serializers = new LinkedHashMap<>();
    for (Class<?> type : IDS.keySet()) {
      String[] names = CLASSES.get(type);
      serializers.put(
          type,
          names == null ? ValueSerializer.ofRecord(type) : ValueSerializer.ofClass(type, names));
    }
    return serializers;
  }

  /** A Kryo that reads and writes what is registered and nothing else; for one thread at a time. */
  static Kryo newKryo() {
    Kryo kryo = new Kryo(new NumbersOnly(), null);
    kryo.setRegistrationRequired(true);
    kryo.setReferences(false);
    kryo.setMaxDepth(DEPTH_MAX);
    kryo.register(String.class, new GuardedText()); // Kryo's own trusts the declared length
    IDS.forEach((type, id) -> kryo.register(type, SERIALIZERS.get(type), id));
    return kryo;
  }

  /** Whether instances of a class may be in a message. */
  static boolean isRegistered(Class<?> type) {
    return IDS.containsKey(type);
  }

  /** SHA-256 over numbers, names, components and constants of everything registered, in hex. */
  static String fingerprint() {
    StringBuilder text = new StringBuilder();
    SERIALIZERS.forEach(
        (type, serializer) ->
            text.append(IDS.get(type)).append(' ').append(serializer.layout()).append('\n'));
    return HexFormat.of()
        .formatHex(Parcel.sha256(text.toString().getBytes(StandardCharsets.UTF_8)));
  }

  /** Refuses classes given by name: their name would be read with its declared length trusted. */
  private static final class NumbersOnly extends DefaultClassResolver {
    @Override
    protected Registration readName(Input input) {
      throw new KryoException("class given by name");
    }
  }

  private static final class GuardedText extends Serializer<String> {
    @Override
    public void write(Kryo kryo, Output output, String value) {
      FieldCodec.writeText(output, value);
    }

    @Override
    public String read(Kryo kryo, Input input, Class<? extends String> type) {
      return FieldCodec.readText(input);
    }
  }
}
