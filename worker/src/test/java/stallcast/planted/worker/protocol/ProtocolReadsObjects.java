package stallcast.planted.worker.protocol;

import java.io.ObjectInputStream;

/** Planted for LayeringTest: must be found. */
final class ProtocolReadsObjects {
  ObjectInputStream violation;
}
