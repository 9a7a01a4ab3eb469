package stallcast.worker.protocol;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;

/**
 * Writes an immutable value as its components in order: those of a record, or of a class that has
 * one public constructor and an accessor for each of its parameters. Holds no state of a message:
 * shared by threads.
 */
final class ValueSerializer extends Serializer<Object> {
  private final Class<?> type;
  private final String[] names; // [components]
  private final Type[] types; // [components]
  private final FieldCodec[] codecs; // [components]
  private final Method[] accessors; // [components]
  private final Constructor<?> constructor;

  /** Of a record. */
  static ValueSerializer ofRecord(Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    String[] names = new String[components.length];
    Class<?>[] parameters = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      names[i] = components[i].getName();
      parameters[i] = components[i].getType();
    }
    try {
      return new ValueSerializer(type, type.getDeclaredConstructor(parameters), names);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("record without canonical constructor: " + type, e);
    }
  }

  /**
   * Of a class that is no record.
   *
   * @param names accessors, in the order of the constructor's parameters
   */
  static ValueSerializer ofClass(Class<?> type, String... names) {
    Constructor<?>[] constructors = type.getConstructors();
    if (constructors.length != 1 || constructors[0].getParameterCount() != names.length) {
      throw new IllegalStateException(type + " has not one constructor of " + names.length);
    }
    return new ValueSerializer(type, constructors[0], names);
  }

  private ValueSerializer(Class<?> type, Constructor<?> constructor, String[] names) {
    super(false, true);
    this.type = type;
    this.names = names;
    this.constructor = constructor;
    types = constructor.getGenericParameterTypes();
    codecs = new FieldCodec[names.length];
    accessors = new Method[names.length];
    for (int i = 0; i < names.length; i++) {
      codecs[i] = FieldCodec.of(types[i]);
      try {
        accessors[i] = type.getMethod(names[i]);
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException(type + " has no accessor " + names[i], e);
      }
      if (!accessors[i].getGenericReturnType().equals(types[i])) {
        throw new IllegalStateException(accessors[i] + " does not return " + types[i]);
      }
    }
  }

  /** Names, types and constants of the components, in one line. */
  String layout() {
    StringBuilder text = new StringBuilder(type.getName());
    for (int i = 0; i < names.length; i++) {
      text.append(' ').append(types[i].getTypeName()).append(' ').append(names[i]);
      if (types[i] instanceof Class<?> plain && plain.isEnum()) {
        text.append(Arrays.toString(plain.getEnumConstants()));
      }
    }
    return text.toString();
  }

  @Override
  public void write(Kryo kryo, Output output, Object value) {
    for (int i = 0; i < codecs.length; i++) {
      codecs[i].write(kryo, output, component(value, i));
    }
  }

  private Object component(Object value, int index) {
    try {
      return accessors[index].invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new KryoException("cannot read " + accessors[index], e);
    }
  }

  @Override
  public Object read(Kryo kryo, Input input, Class<?> ignored) {
    Object[] values = new Object[codecs.length];
    for (int i = 0; i < codecs.length; i++) {
      values[i] = codecs[i].read(kryo, input);
    }
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw new KryoException("no legal " + type.getSimpleName() + ": " + e.getCause(), e);
    } catch (ReflectiveOperationException e) {
      throw new KryoException("cannot make " + type, e);
    }
  }
}
