package stallcast.worker.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Output;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import stallcast.kernel.host.HostOutcome;
import stallcast.kernel.random.ArrivalProcess;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.OperationSpec;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.kernel.scenario.Step;
import stallcast.worker.shard.OutcomeBlock;
import stallcast.worker.shard.ShardRunner;

class WireCodecTest {
  private static final List<Class<?>> SEALED =
      List.of(
          WireMessage.class,
          Distribution.class,
          Step.class,
          CpuSelection.class,
          OperationSpec.Occurrence.class,
          OperationSpec.Blackout.class,
          OperationSpec.ClockVisibility.class,
          OperationSpec.Effect.class,
          ArrivalProcess.class);

  static List<Class<?>> leaves(Class<?> type) {
    if (!type.isSealed()) {
      return List.of(type);
    }
    List<Class<?>> leaves = new ArrayList<>();
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      leaves.addAll(leaves(permitted));
    }
    return leaves;
  }

  @Test
  void everyRecordBelowASealedInterfaceIsRegistered() {
    for (Class<?> type : SEALED) {
      for (Class<?> leaf : leaves(type)) {
        assertTrue(WireScheme.isRegistered(leaf), leaf::toString);
      }
    }
  }

  @Test
  void samplesHoldEveryDistribution() {
    Set<Class<?>> sampled = new HashSet<>();
    SpecSamples.everyDistribution().forEach(d -> sampled.add(d.getClass()));
    assertEquals(new HashSet<>(leaves(Distribution.class)), sampled);
  }

  @Test
  void samplesHoldEveryArrivalProcess() {
    Set<Class<?>> sampled = new HashSet<>();
    SpecSamples.everyArrivalProcess().forEach(p -> sampled.add(p.getClass()));
    assertEquals(new HashSet<>(leaves(ArrivalProcess.class)), sampled);
  }

  @Test
  void softirqSourcesBurstsAndPsiPollsComeBackAsTheyWere() {
    ScenarioSpec spec = SpecSamples.softirq();
    assertEquals(spec, WireCodec.unpackSpec(bytesOf(WireCodec.pack(spec))));
  }

  @Test
  void guestsOfVirtualMachinesSurviveTheWire() {
    ScenarioSpec spec = SpecSamples.guests();
    assertEquals(spec, WireCodec.unpackSpec(bytesOf(WireCodec.pack(spec))));
  }

  @Test
  void everyMessageComesBackAsItWas() {
    for (Class<?> type : leaves(WireMessage.class)) {
      for (long seed = 0; seed < 50; seed++) {
        WireMessage message = (WireMessage) new RandomRecords(seed).make(type);
        WireMessage back = WireCodec.decode(WireCodec.encode(message));
        assertEquals(
            RandomRecords.words(message), RandomRecords.words(back), type + " seed " + seed);
      }
    }
  }

  @Test
  void everyShapeOfScenarioComesBackAsItWas() {
    for (long seed = 0; seed < 300; seed++) {
      ScenarioSpec spec = (ScenarioSpec) new RandomRecords(seed).make(ScenarioSpec.class);
      ScenarioSpec back = WireCodec.unpackSpec(bytesOf(WireCodec.pack(spec)));
      assertEquals(RandomRecords.words(spec), RandomRecords.words(back), "seed " + seed);
    }
  }

  @Test
  void everyDistributionComesBackAsItWas() {
    for (Distribution law : SpecSamples.everyDistribution()) {
      ScenarioSpec spec = SpecSamples.scenario(1, List.of(SpecSamples.task(new Step.Compute(law))));
      ScenarioSpec back = WireCodec.unpackSpec(bytesOf(WireCodec.pack(spec)));
      assertEquals(RandomRecords.words(spec), RandomRecords.words(back));
    }
  }

  @Test
  void blocksComeBackAsTheyWere() {
    for (long seed = 0; seed < 300; seed++) {
      OutcomeBlock block = (OutcomeBlock) new RandomRecords(seed).make(OutcomeBlock.class);
      OutcomeBlock back = WireCodec.unpackBlock(bytesOf(WireCodec.pack(block)));
      assertEquals(RandomRecords.words(block), RandomRecords.words(back), "seed " + seed);
    }
  }

  @Test
  void sameRowsHaveSameBytes() {
    ScenarioSpec spec = SpecSamples.small(100);
    byte[] once = bytesOf(WireCodec.pack(new ShardRunner(spec).run(10, 20, () -> false)));
    byte[] again = bytesOf(WireCodec.pack(new ShardRunner(spec).run(10, 20, () -> false)));
    assertArrayEquals(once, again);
  }

  @Test
  void absentTimesTakeOneByte() {
    OutcomeBlock block = new ShardRunner(SpecSamples.small(100)).run(0, 100, () -> false);
    assertEquals(HostOutcome.NONE, block.firstNs()[0][0]);
    int bytes = bytesOf(WireCodec.pack(block)).length;
    assertTrue(bytes < 100 * 64, () -> bytes + " bytes for 100 hosts without incidents");
  }

  @Test
  void unregisteredClassIsRefused() {
    Kryo open = new Kryo();
    open.setRegistrationRequired(false);
    Output output = new Output(1024, -1);
    open.writeClassAndObject(output, new ArrayList<>(List.of("java.util.ArrayList by name")));
    byte[] bytes = output.toBytes();
    assertThrows(RefusedBytesException.class, () -> WireCodec.decode(bytes));
  }

  @Test
  void anotherRegisteredClassIsRefused() {
    byte[] bytes = bytesOf(WireCodec.pack(SpecSamples.small(1)));
    assertThrows(RefusedBytesException.class, () -> WireCodec.decode(bytes));
  }

  @Test
  void bytesBehindAMessageAreRefused() {
    byte[] bytes = WireCodec.encode(new ToWorker.Ack(1, 2));
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThrows(RefusedBytesException.class, () -> WireCodec.decode(longer));
  }

  @Test
  void messageAboveTheLimitIsNotEncoded() {
    int[] held = new int[WireMessage.ENCODED_MAX_BYTES + 1];
    ToCoordinator.RequestWork message = new ToCoordinator.RequestWork("w", 1, 1, held);
    assertThrows(IllegalArgumentException.class, () -> WireCodec.encode(message));
  }

  @Test
  void declaredLengthsAllocateNothing() {
    // A Hello whose worker id declares 2^29 bytes, and work with 2^31 - 1 held shards.
    byte[] hello = WireCodec.encode(new ToCoordinator.Goodbye("x"));
    byte[] text = {hello[0], (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 2};
    assertThrows(RefusedBytesException.class, () -> WireCodec.decode(text));
    byte[] work = WireCodec.encode(new ToCoordinator.RequestWork("", 0, 0, new int[0]));
    byte[] array = Arrays.copyOf(work, work.length + 4);
    Arrays.fill(array, work.length - 1, array.length - 1, (byte) 0xFF);
    array[array.length - 1] = 7;
    assertThrows(RefusedBytesException.class, () -> WireCodec.decode(array));
  }

  @Test
  void deepNestingIsRefusedAndNotOverflown() {
    Step step = new Step.Yield();
    for (int i = 0; i < 500; i++) {
      step = new Step.Repeat(SpecSamples.fixed(1), List.of(step));
    }
    ScenarioSpec deep = SpecSamples.scenario(1, List.of(SpecSamples.task(step)));
    assertThrows(IllegalArgumentException.class, () -> WireCodec.pack(deep));
  }

  @Test
  void versionsThatDifferNameTheDifference() {
    CodeIdentity here = CodeIdentity.current();
    assertTrue(here.conflictWith(here).isEmpty());
    CodeIdentity other = new CodeIdentity(here.protocol(), "2.0", "beef", here.scheme());
    assertTrue(here.conflictWith(other).orElseThrow().contains("simulation kernel"));
    assertNotEquals("", here.kernel());
  }

  static byte[] bytesOf(Parcel parcel) {
    Parcel.Assembly assembly = new Parcel.Assembly();
    for (int i = 0; i < parcel.chunkCount(); i++) {
      assembly.accept(parcel.chunk(i));
    }
    return assembly.bytes();
  }
}
