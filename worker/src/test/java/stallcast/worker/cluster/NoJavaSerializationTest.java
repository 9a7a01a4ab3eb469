package stallcast.worker.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.serialization.JavaSerializer;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.junit.jupiter.api.Test;
import stallcast.worker.protocol.MessageSerializer;
import stallcast.worker.protocol.ToCoordinator;

/** Nothing that a peer sends reaches Java's own serialization, which can be made to run code. */
class NoJavaSerializationTest {
  private static final int JAVA_SERIALIZER = 1; // its identifier on the wire, fixed by Pekko

  /** Tells whether it was ever read back. */
  private static final class Trap implements Serializable {
    private static final long serialVersionUID = 1L;
    private static boolean sprung;

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      in.defaultReadObject();
      sprung = true;
    }
  }

  /** A coordinator's; without what would start a cluster that nobody needs here. */
  private static Config config() {
    Config config =
        new NodeSettings(
                NodeSettings.COORDINATOR,
                NodeAddress.loopback(),
                NodeAddress.loopback(),
                Optional.empty(),
                false,
                Duration.ofSeconds(60),
                Duration.ofSeconds(10))
            .config();
    return ConfigFactory.parseString("pekko.library-extensions = []").withFallback(config);
  }

  @Test
  void aMemberNeitherWritesNorReadsIt() throws Exception {
    ActorSystem system = ActorSystem.create(NodeSettings.SYSTEM, config());
    try {
      Serialization serialization = SerializationExtension.get(system);
      assertTrue(serialization.serialize(new Trap()).isFailure());
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(new Trap());
      }
      assertTrue(serialization.deserialize(bytes.toByteArray(), JAVA_SERIALIZER, "").isFailure());
      Serializer any = serialization.serializerByIdentity().get(JAVA_SERIALIZER).get();
      assertFalse(any instanceof JavaSerializer, any::toString);
      assertThrows(RuntimeException.class, () -> any.fromBinary(bytes.toByteArray()));
      assertFalse(Trap.sprung, "an object of ours was read back");
      Serializer ours = serialization.findSerializerFor(new ToCoordinator.Goodbye("w"));
      assertEquals(MessageSerializer.class, ours.getClass());
      List<Serializer> found = new ArrayList<>();
      serialization.serializerByIdentity().values().foreach(found::add);
      assertTrue(found.stream().noneMatch(JavaSerializer.class::isInstance), found::toString);
      assertTrue(found.size() > 5, found::toString);
    } finally {
      system.terminate();
      system.getWhenTerminated().toCompletableFuture().join();
    }
  }
}
