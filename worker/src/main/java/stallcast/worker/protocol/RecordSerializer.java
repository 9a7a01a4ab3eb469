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

/** Writes a record as its components in order. Holds no state of a message: shared by threads. */
final class RecordSerializer extends Serializer<Object> {
  private final Class<?> type;
  private final FieldCodec[] codecs; // [components]
  private final Method[] accessors; // [components]
  private final Constructor<?> constructor;

  RecordSerializer(Class<?> type) {
    super(false, true);
    this.type = type;
    RecordComponent[] components = type.getRecordComponents();
    codecs = new FieldCodec[components.length];
    accessors = new Method[components.length];
    Class<?>[] parameters = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      codecs[i] = FieldCodec.of(components[i].getGenericType());
      accessors[i] = components[i].getAccessor();
      parameters[i] = components[i].getType();
    }
    try {
      constructor = type.getDeclaredConstructor(parameters);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("record without canonical constructor: " + type, e);
    }
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
