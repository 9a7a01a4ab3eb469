package stallcast.worker.protocol;

/**
 * A message that may cross between processes. Pekko's serializer is bound to this interface; every
 * implementation is a record registered in {@link WireScheme}.
 */
public sealed interface WireMessage permits ToCoordinator, ToWorker {

  /** Largest encoded message, bytes; half of Artery's frame, which drops what is larger. */
  int ENCODED_MAX_BYTES = 128 * 1024;
}
