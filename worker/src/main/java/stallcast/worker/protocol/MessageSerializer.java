package stallcast.worker.protocol;

import org.apache.pekko.serialization.JSerializer;

/** Pekko's door to {@link WireCodec}; bound to {@link WireMessage} in the configuration. */
public final class MessageSerializer extends JSerializer {
  private static final int IDENTIFIER = 7101; // any number above Pekko's own 0..40

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public boolean includeManifest() {
    return false;
  }

  @Override
  public byte[] toBinary(Object message) {
    return WireCodec.encode((WireMessage) message);
  }

  @Override
  public Object fromBinaryJava(byte[] bytes, Class<?> manifest) {
    return WireCodec.decode(bytes);
  }
}
