package stallcast.worker.protocol;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.util.Pool;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.worker.shard.OutcomeBlock;

/**
 * Messages, scenarios and blocks as bytes and back. The same value has the same bytes in every
 * process of one build, so that their digest can stand for the value. On the wire only, never on
 * disk: the layout may change with every version.
 */
public final class WireCodec {
  private static final int IDLE_MAX = 32; // Kryo instances kept for later use
  private static final int FIRST_BYTES = 4096;

  private static final Pool<Kryo> KRYOS =
      new Pool<>(true, false, IDLE_MAX) {
        @Override
        protected Kryo create() {
          return WireScheme.newKryo();
        }
      };

  private WireCodec() {}

  /**
   * Encodes a message.
   *
   * @throws IllegalArgumentException if it is larger than a message may be or is not registered
   */
  public static byte[] encode(WireMessage message) {
    return write(message, WireMessage.ENCODED_MAX_BYTES);
  }

  /**
   * Decodes a message.
   *
   * @throws RefusedBytesException if the bytes are none
   */
  public static WireMessage decode(byte[] bytes) {
    return read(bytes, WireMessage.class);
  }

  /**
   * Packs the rows of a shard.
   *
   * @throws IllegalArgumentException if they are larger than {@link Parcel#TOTAL_MAX_BYTES}
   */
  public static Parcel pack(OutcomeBlock block) {
    return new Parcel(write(block, Parcel.TOTAL_MAX_BYTES));
  }

  /**
   * Unpacks the rows of a shard.
   *
   * @throws RefusedBytesException if the bytes are none
   */
  public static OutcomeBlock unpackBlock(byte[] bytes) {
    return read(bytes, OutcomeBlock.class);
  }

  /**
   * Packs a scenario.
   *
   * @throws IllegalArgumentException if it nests too deeply or is too large for the wire
   */
  public static Parcel pack(ScenarioSpec spec) {
    return new Parcel(write(spec, Parcel.TOTAL_MAX_BYTES));
  }

  /**
   * Unpacks a scenario.
   *
   * @throws RefusedBytesException if the bytes are none
   */
  public static ScenarioSpec unpackSpec(byte[] bytes) {
    return read(bytes, ScenarioSpec.class);
  }

  private static byte[] write(Object value, int maxBytes) {
    Kryo kryo = KRYOS.obtain();
    try (Output output = new Output(FIRST_BYTES, maxBytes)) {
      kryo.writeClassAndObject(output, value);
      KRYOS.free(kryo);
      return output.toBytes();
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "cannot encode " + value.getClass().getSimpleName() + ": " + e.getMessage(), e);
    }
  }

  /**
   * A Kryo is used again even after a refusal, or refusing would cost more than decoding: what a
   * failed read leaves behind is the depth and the names of classes, and both are reset.
   */
  private static <T> T read(byte[] bytes, Class<T> type) {
    Kryo kryo = KRYOS.obtain();
    try (Input input = new Input(bytes)) {
      Object value = kryo.readClassAndObject(input);
      if (!type.isInstance(value) || input.position() != bytes.length) {
        throw new RefusedBytesException(
            bytes.length + " bytes are not one " + type.getSimpleName());
      }
      return type.cast(value);
    } catch (RefusedBytesException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new RefusedBytesException(
          bytes.length + " bytes are no " + type.getSimpleName() + ": " + e.getMessage(), e);
    } finally {
      kryo.reset();
      KRYOS.free(kryo);
    }
  }
}
