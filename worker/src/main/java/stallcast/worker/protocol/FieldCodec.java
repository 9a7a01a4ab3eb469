package stallcast.worker.protocol;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.Array;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How a value of one declared type stands in the bytes. Every length is compared with the bytes
 * that are left before anything is allocated for it (Kryo 5.6.2 trusts it: stack.md section 5).
 */
abstract class FieldCodec {

  /** Writes a value that is not null. */
  abstract void write(Kryo kryo, Output output, Object value);

  /** Reads a value; never null. */
  abstract Object read(Kryo kryo, Input input);

  /**
   * The codec of a declared type.
   *
   * @throws IllegalStateException if the wire has no form for it
   */
  static FieldCodec of(Type type) {
    if (type instanceof Class<?> plain) {
      return ofClass(plain);
    }
    if (type instanceof ParameterizedType generic) {
      FieldCodec element = of(generic.getActualTypeArguments()[0]);
      if (generic.getRawType() == List.class) {
        return new Elements(element, Object.class, true);
      }
      if (generic.getRawType() == Optional.class) {
        return new Maybe(element);
      }
    }
    throw unsupported(type);
  }

  private static FieldCodec ofClass(Class<?> type) {
    if (type == int.class || type == Integer.class) {
      return new Whole();
    } else if (type == long.class || type == Long.class) {
      return new Wide();
    } else if (type == double.class || type == Double.class) {
      return new Real();
    } else if (type == boolean.class || type == Boolean.class) {
      return new Flag();
    } else if (type == String.class) {
      return new Text();
    } else if (type == byte[].class) {
      return new Bytes();
    } else if (type == OptionalLong.class || type == OptionalInt.class) {
      return new MaybeNumber(type == OptionalLong.class);
    } else if (type == OptionalDouble.class) {
      return new MaybeReal();
    } else if (type.isArray()) {
      return new Elements(of(type.getComponentType()), type.getComponentType(), false);
    } else if (type.isEnum()) {
      return new Constant(type);
    } else if (type.isRecord()) {
      return new Nested(type);
    } else if (type.isSealed()) {
      return new Alternative(type);
    }
    throw unsupported(type);
  }

  private static IllegalStateException unsupported(Type type) {
    return new IllegalStateException("the wire has no form for " + type.getTypeName());
  }

  /** Reads a length of things that take at least {@code eachBytes} bytes. */
  static int readLength(Input input, int eachBytes) {
    int length = input.readVarInt(true);
    int left = input.limit() - input.position();
    if (length < 0 || (long) length * eachBytes > left) {
      throw new KryoException("length " + length + " with " + left + " bytes left");
    }
    return length;
  }

  static void writeText(Output output, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    output.writeVarInt(bytes.length, true);
    output.writeBytes(bytes);
  }

  static String readText(Input input) {
    return new String(input.readBytes(readLength(input, 1)), StandardCharsets.UTF_8);
  }

  private static final class Whole extends FieldCodec {
    @Override
    void write(Kryo kryo, Output output, Object value) {
      output.writeVarInt((Integer) value, false);
    }

    @Override
    Object read(Kryo kryo, Input input) {
      return input.readVarInt(false);
    }
  }

  /** Zigzag plus one: Long.MIN_VALUE, which marks "none", wraps to 0 and takes one byte. */
  private static final class Wide extends FieldCodec {
    @Override
    void write(Kryo kryo, Output output, Object value) {
      long v = (Long) value;
      output.writeVarLong(((v << 1) ^ (v >> 63)) + 1, true);
    }

    @Override
    Object read(Kryo kryo, Input input) {
      long zigzag = input.readVarLong(true) - 1;
      return (zigzag >>> 1) ^ -(zigzag & 1);
    }
  }

  private static final class Real extends FieldCodec {
    @Override
    void write(Kryo kryo, Output output, Object value) {
      output.writeLong(Double.doubleToLongBits((Double) value));
    }

    @Override
    Object read(Kryo kryo, Input input) {
      return Double.longBitsToDouble(input.readLong());
    }
  }

  private static final class Flag extends FieldCodec {
    @Override
    void write(Kryo kryo, Output output, Object value) {
      output.writeBoolean((Boolean) value);
    }

    @Override
    Object read(Kryo kryo, Input input) {
      return input.readBoolean();
    }
  }

  private static final class Text extends FieldCodec {
    @Override
    void write(Kryo kryo, Output output, Object value) {
      writeText(output, (String) value);
    }

    @Override
    Object read(Kryo kryo, Input input) {
      return readText(input);
    }
  }

  private static final class Bytes extends FieldCodec {
    @Override
    void write(Kryo kryo, Output output, Object value) {
      output.writeVarInt(((byte[]) value).length, true);
      output.writeBytes((byte[]) value);
    }

    @Override
    Object read(Kryo kryo, Input input) {
      return input.readBytes(readLength(input, 1));
    }
  }

  /** Arrays and lists; every element takes a byte or more. */
  private static final class Elements extends FieldCodec {
    private final FieldCodec element;
    private final Class<?> elementType;
    private final boolean list;

    Elements(FieldCodec element, Class<?> elementType, boolean list) {
      this.element = element;
      this.elementType = elementType;
      this.list = list;
    }

    @Override
    void write(Kryo kryo, Output output, Object value) {
      if (list) {
        List<?> elements = (List<?>) value;
        output.writeVarInt(elements.size(), true);
        elements.forEach(e -> element.write(kryo, output, e));
        return;
      }
      int length = Array.getLength(value);
      output.writeVarInt(length, true);
      for (int i = 0; i < length; i++) {
        element.write(kryo, output, Array.get(value, i));
      }
    }

    @Override
    Object read(Kryo kryo, Input input) {
      int length = readLength(input, element instanceof Real ? Double.BYTES : 1);
      if (list) {
        List<Object> elements = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
          elements.add(element.read(kryo, input));
        }
        return List.copyOf(elements);
      }
      Object array = Array.newInstance(elementType, length);
      for (int i = 0; i < length; i++) {
        Array.set(array, i, element.read(kryo, input));
      }
      return array;
    }
  }

  private static final class Maybe extends FieldCodec {
    private final FieldCodec element;

    Maybe(FieldCodec element) {
      this.element = element;
    }

    @Override
    void write(Kryo kryo, Output output, Object value) {
      Optional<?> optional = (Optional<?>) value;
      output.writeBoolean(optional.isPresent());
      optional.ifPresent(v -> element.write(kryo, output, v));
    }

    @Override
    Object read(Kryo kryo, Input input) {
      return input.readBoolean() ? Optional.of(element.read(kryo, input)) : Optional.empty();
    }
  }

  private static final class MaybeNumber extends FieldCodec {
    private final FieldCodec number;
    private final boolean wide;

    MaybeNumber(boolean wide) {
      this.wide = wide;
      this.number = wide ? new Wide() : new Whole();
    }

    @Override
    void write(Kryo kryo, Output output, Object value) {
      if (value instanceof OptionalLong optional) {
        output.writeBoolean(optional.isPresent());
        optional.ifPresent(v -> number.write(kryo, output, v));
      } else {
        OptionalInt optional = (OptionalInt) value;
        output.writeBoolean(optional.isPresent());
        optional.ifPresent(v -> number.write(kryo, output, v));
      }
    }

    @Override
    Object read(Kryo kryo, Input input) {
      if (!input.readBoolean()) {
        return wide ? OptionalLong.empty() : OptionalInt.empty();
      }
      Object value = number.read(kryo, input);
      return wide ? OptionalLong.of((Long) value) : OptionalInt.of((Integer) value);
    }
  }

  private static final class MaybeReal extends FieldCodec {
    @Override
    void write(Kryo kryo, Output output, Object value) {
      OptionalDouble optional = (OptionalDouble) value;
      output.writeBoolean(optional.isPresent());
      optional.ifPresent(output::writeDouble);
    }

    @Override
    Object read(Kryo kryo, Input input) {
      return input.readBoolean() ? OptionalDouble.of(input.readDouble()) : OptionalDouble.empty();
    }
  }

  private static final class Constant extends FieldCodec {
    private final Object[] constants;

    Constant(Class<?> type) {
      this.constants = type.getEnumConstants();
    }

    @Override
    void write(Kryo kryo, Output output, Object value) {
      output.writeVarInt(((Enum<?>) value).ordinal(), true);
    }

    @Override
    Object read(Kryo kryo, Input input) {
      int ordinal = input.readVarInt(true);
      if (ordinal < 0 || ordinal >= constants.length) {
        throw new KryoException("constant " + ordinal + " of " + constants.length);
      }
      return constants[ordinal];
    }
  }

  private static final class Nested extends FieldCodec {
    private final Class<?> type;

    Nested(Class<?> type) {
      this.type = type;
    }

    @Override
    void write(Kryo kryo, Output output, Object value) {
      kryo.writeObject(output, value);
    }

    @Override
    Object read(Kryo kryo, Input input) {
      return kryo.readObject(input, type);
    }
  }

  private static final class Alternative extends FieldCodec {
    private final Class<?> type;

    Alternative(Class<?> type) {
      this.type = type;
    }

    @Override
    void write(Kryo kryo, Output output, Object value) {
      kryo.writeClassAndObject(output, type.cast(value));
    }

    @Override
    Object read(Kryo kryo, Input input) {
      Object value = kryo.readClassAndObject(input);
      if (!type.isInstance(value)) {
        throw new KryoException("not a " + type.getSimpleName());
      }
      return value;
    }
  }
}
