package stallcast.worker.protocol;

import java.lang.reflect.Array;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import stallcast.kernel.random.ArrivalProcess;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.TraceArrivals;

/** Makes records of any registered type with seeded random components, and compares them deeply. */
final class RandomRecords {
  private static final int DEPTH_MAX = 12;

  private final Random random;

  RandomRecords(long seed) {
    random = new Random(seed);
  }

  /** A random value of a declared type. */
  Object make(Type type) {
    return make(type, 0);
  }

  private Object make(Type type, int depth) {
    if (type instanceof ParameterizedType generic) {
      Type element = generic.getActualTypeArguments()[0];
      if (generic.getRawType() == Optional.class) {
        return random.nextBoolean() ? Optional.of(make(element, depth + 1)) : Optional.empty();
      }
      List<Object> list = new ArrayList<>();
      for (int n = depth > DEPTH_MAX ? 0 : random.nextInt(4); n > 0; n--) {
        list.add(make(element, depth + 1));
      }
      return list;
    }
    Class<?> plain = (Class<?>) type;
    if (plain == Distribution.class) {
      List<Distribution> laws = SpecSamples.everyDistribution();
      return laws.get(random.nextInt(laws.size()));
    } else if (plain == ArrivalProcess.class) {
      List<ArrivalProcess> processes = SpecSamples.everyArrivalProcess();
      return processes.get(random.nextInt(processes.size()));
    } else if (plain == Parcel.Chunk.class) {
      byte[] bytes = new byte[1 + random.nextInt(300)];
      random.nextBytes(bytes);
      return new Parcel(bytes).chunk(0);
    } else if (plain.isRecord()) {
      return makeRecord(plain, depth);
    } else if (plain.isEnum()) {
      return plain.getEnumConstants()[random.nextInt(plain.getEnumConstants().length)];
    } else if (plain.isSealed()) {
      Class<?>[] kinds = plain.getPermittedSubclasses();
      return make(kinds[random.nextInt(kinds.length)], depth + 1);
    } else if (plain.isArray()) {
      Object array = Array.newInstance(plain.getComponentType(), random.nextInt(4));
      for (int i = 0; i < Array.getLength(array); i++) {
        Array.set(array, i, make(plain.getComponentType(), depth + 1));
      }
      return array;
    }
    return makeScalar(plain);
  }

  private Object makeScalar(Class<?> type) {
    if (type == int.class || type == Integer.class) {
      return random.nextBoolean() ? random.nextInt() : random.nextInt(300) - 150;
    } else if (type == long.class) {
      return switch (random.nextInt(4)) {
        case 0 -> Long.MIN_VALUE;
        case 1 -> Long.MAX_VALUE;
        case 2 -> (long) random.nextInt(300) - 150;
        default -> random.nextLong();
      };
    } else if (type == double.class || type == Double.class) {
      return random.nextInt(5) == 0 ? Double.NaN : random.nextDouble();
    } else if (type == boolean.class) {
      return random.nextBoolean();
    } else if (type == String.class) {
      return "käse\u4e16\ud83d\udc27".substring(0, random.nextInt(6)) + random.nextInt(99);
    } else if (type == OptionalLong.class) {
      return random.nextBoolean() ? OptionalLong.of(random.nextLong()) : OptionalLong.empty();
    }
    throw new IllegalStateException("no generator for " + type);
  }

  private Object makeRecord(Class<?> type, int depth) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = make(components[i].getGenericType(), depth + 1);
      types[i] = components[i].getType();
    }
    try {
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make " + type, e);
    }
  }

  /** All components in words, arrays with their contents: equal words, equal values. */
  static String words(Object value) {
    if (value instanceof Record row) {
      StringBuilder text = new StringBuilder(row.getClass().getSimpleName()).append('(');
      for (RecordComponent component : row.getClass().getRecordComponents()) {
        try {
          text.append(component.getName()).append('=');
          text.append(words(component.getAccessor().invoke(row))).append(' ');
        } catch (ReflectiveOperationException e) {
          throw new IllegalStateException(e);
        }
      }
      return text.append(')').toString();
    } else if (value instanceof List<?> list) {
      return list.stream().map(RandomRecords::words).toList().toString();
    } else if (value instanceof Optional<?> optional) {
      return optional.map(RandomRecords::words).toString();
    } else if (value instanceof TraceArrivals trace) {
      return trace + words(trace.gapsNs());
    } else if (value.getClass().isArray()) {
      StringBuilder text = new StringBuilder("{");
      for (int i = 0; i < Array.getLength(value); i++) {
        text.append(words(Array.get(value, i))).append(' ');
      }
      return text.append('}').toString();
    }
    return value.toString();
  }
}
