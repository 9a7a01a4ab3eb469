package stallcast.kernel;

import java.io.File;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongSupplier;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Classes that break the rules of {@link DeterminismRules}, so that a rule that never fires is
 * noticed. The annotation names the rules that must fire on a class, and no other may.
 */
final class PlantedNondeterminism {
  private PlantedNondeterminism() {}

  /** Names of the rules that the class breaks; empty for a class that breaks none. */
  @Retention(RetentionPolicy.RUNTIME)
  @interface Breaks {
    String[] value();
  }

  @Breaks("clock")
  static final class ReadsTheClock {
    long nowNs() {
      return System.nanoTime() + System.currentTimeMillis();
    }
  }

  @Breaks("clock")
  static final class ReadsTheClockByReference {
    LongSupplier clock = System::nanoTime;
  }

  @Breaks("date")
  static final class ReadsTheDate {
    boolean isLate() {
      return Instant.now().getEpochSecond() > 0;
    }
  }

  @Breaks("library-random")
  static final class UsesLibraryRandom {
    long draw() {
      return new Random(1).nextLong();
    }
  }

  @Breaks("library-random")
  static final class UsesSplittableRandom {
    long draw() {
      return new SplittableRandom(1).nextLong();
    }
  }

  @Breaks({"library-random", "threads"})
  static final class UsesThreadLocalRandom {
    long draw() {
      return ThreadLocalRandom.current().nextLong();
    }
  }

  @Breaks("math-random")
  static final class UsesMathRandom {
    double draw() {
      return Math.random();
    }
  }

  @Breaks("uuid")
  static final class NamesByUuid {
    String name() {
      return UUID.randomUUID().toString();
    }
  }

  @Breaks("threads")
  static final class StartsThread {
    void start() {
      new Thread(() -> {}).start();
    }
  }

  @Breaks("threads")
  static final class SharesState {
    AtomicLong counter = new AtomicLong();
  }

  @Breaks("io")
  static final class OpensFile {
    boolean exists() {
      return new File("trace").exists();
    }
  }

  @Breaks("io")
  static final class OpensPath {
    Path path = Path.of("trace");
  }

  @Breaks("io")
  static final class Prints {
    void print() {
      System.out.println("host 1");
    }
  }

  @Breaks("environment")
  static final class ReadsEnvironment {
    boolean isDebug() {
      return System.getenv("DEBUG") != null || System.getProperty("debug") != null;
    }
  }

  @Breaks("logging")
  static final class Logs {
    Logger log = Logger.getLogger("host");
  }

  @Breaks("hash-order")
  static final class IteratesHashMap {
    Map<String, Integer> byName = new HashMap<>();
  }

  @Breaks("hash-order")
  static final class IteratesHashSet {
    Set<String> names = new HashSet<>();
  }

  @Breaks("salted-order")
  static final class IteratesSaltedSet {
    List<String> names = new ArrayList<>(Set.of("rt", "fair"));
  }

  @Breaks("hashing-collector")
  static final class CollectsIntoHashSet {
    Set<Integer> cpus = IntStream.range(0, 4).boxed().collect(Collectors.toSet());
  }

  @Breaks("identity")
  static final class UsesIdentity {
    int order() {
      return System.identityHashCode(this);
    }
  }

  @Breaks("parallel")
  static final class SumsInParallel {
    double sum(double[] values) {
      return Arrays.stream(values).parallel().sum();
    }
  }

  @Breaks("inexact-math")
  static final class TakesInexactLogarithm {
    double exponential(double uniform) {
      return -Math.log(uniform);
    }
  }

  @Breaks("inexact-math")
  static final class TakesInexactExponentialByReference {
    DoubleUnaryOperator exp = Math::exp;
  }

  /** Looks alike and is allowed, so that a rule that fires on everything is noticed too. */
  @Breaks({})
  static final class BreaksNothing {
    Map<String, Integer> inInsertionOrder = new LinkedHashMap<>();
    Map<String, Integer> inKeyOrder = new TreeMap<>();
    List<String> names = List.of("rt", "fair");
    LocalDate release = LocalDate.of(2024, 11, 17);

    long timeNs(double uniform) {
      return TimeUnit.MILLISECONDS.toNanos(Math.max(1, Math.round(-StrictMath.log(uniform))));
    }
  }
}
