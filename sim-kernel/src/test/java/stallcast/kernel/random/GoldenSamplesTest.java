package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The first four samples of every law, to the last bit: a change of any sampler changes stored
 * results.
 *
 * <p>A line that differs is printed as it is now. It may be replaced only by a change that means to
 * change results and says so.
 */
class GoldenSamplesTest {
  private static final String GOLDEN =
"""
Fixed 0x1.4p1 0x1.4p1 0x1.4p1 0x1.4p1
Uniform -0x1.2b4187761744p-5 -0x1.8d8f37b371d8p-6 0x1.3aa9f13b9b99ap0 0x1.0bacab70ddeeap0
Exponential 0x1.2e82b86ae21b3p-6 0x1.32f41c16d892fp-6 0x1.bf3c346be2aa2p-5 0x1.891a7d833f1abp-5
Normal 0x1.be3b352e10af3p4 0x1.beb3c1dafef77p4 0x1.e6eab0a9ac43ap4 0x1.e15f360c1c93p4
LogNormal 0x1.9490a72f346e2p-6 0x1.a1779148fade7p-6 0x1.7ceb7c0e8ef0ap-2 0x1.0734781aee02ap-2
Weibull 0x1.44d9490e3c722p-2 0x1.4baf95f0c1628p-2 0x1.7e254400135d5p0 0x1.3dd30f1cfa3ep0
Pareto 0x1.7c259bd52e1d4p4 0x1.7d1c18b12b2ddp4 0x1.0a40cd5dc5778p5 0x1.f4ac66209f2fap4
BoundedPareto 0x1.8b7cba250f5acp4 0x1.8cb81cc604b54p4 0x1.2b3c7bf0fa821p5 0x1.1568ac93b5f41p5
Beta 0x1.325b202751ed1p0 0x1.3b828b1d9ae98p0 0x1.2013a4d6d8eb9p3 0x1.cf1c579c0f2fep2
LogUniform 0x1.624f1aa552ee3p-18 0x1.69e4cb90cf456p-18 0x1.8a0e06b364bb6p-15 0x1.1f01cbadeb09dp-15
Gamma 0x1.4eae0d4a62689p2 0x1.514223929dc66p2 0x1.3239422b7f432p3 0x1.1bda6baeaf58p3
Poisson 0x1.8p1 0x1.8p1 0x1.0p2 0x1.0p2
Geometric 0x1.0p1 0x1.0p1 0x1.4p2 0x1.0p2
Categorical 0x1.8p7 0x1.8p7 0x1.8p7 0x1.8p6
Empirical 0x1.09c9797815acp3 0x1.110c13f969fe3p3 0x1.607879015e504p4 0x1.345e12f3ee657p4
Empirical 0x1.16a5f3c44f45ep3 0x1.19c9c3213238ap3 0x1.30b85a696b144p5 0x1.0df7b420cecddp5
Mixture 0x1.0p1 0x1.d4481026194ccp-6 0x1.1d41bc207f58cp-5 -0x1.69530e7ce8773p0
Truncated 0x1.58d22687f70cp1 0x1.5b41083b3fe61p1 0x1.2ddfb7cd8e154p2 0x1.19d42d2ecf073p2
nextExponential 0x1.ca097b8c3cccp-3 0x1.82b2aa39b83e2p-2 0x1.e8063b8831d2cp0 0x1.fb1a3de178315p0
nextGaussian -0x1.03b7f1d9ad38ep1 0x1.3afc4b2321fa2p-1 -0x1.3ac2b89c4d00ap0 0x1.563ca2ec90065p-3
""";

  @Test
  void samplesAreTheSameToTheLastBit() {
    String actual =
        Stream.concat(
                Stream.of(
                        new Fixed(2.5),
                        new Uniform(-1, 3),
                        new Exponential(0.067),
                        new Normal(30, 3),
                        new LogNormal(-1.45, 3.2),
                        new Weibull(2, 0.7),
                        new Pareto(20, 1.6),
                        new BoundedPareto(20, 5000, 1.3),
                        new Beta(0.436, 2.721, 0, 100),
                        new LogUniform(1e-6, 1e-3),
                        new Gamma(2.5, 4),
                        new Poisson(4),
                        new Geometric(6),
                        new Categorical(new double[] {64, 96, 192}, new double[] {1, 2, 6}),
                        new Empirical(new double[] {1, 9, 80}, new double[] {1, 3}, true),
                        new Empirical(new double[] {1, 9, 80}, new double[] {1, 3}, false),
                        new Mixture(
                            new Distribution[] {new Fixed(2), new Normal(0, 1)},
                            new double[] {1, 3}),
                        new Truncated(new Gamma(2, 3), 1, 9))
                    .map(GoldenSamplesTest::line),
                Stream.of(ziggurats()))
            .collect(Collectors.joining("\n"));
    assertEquals(GOLDEN.strip(), actual);
  }

  @Test
  void arrivalGapsAreTheSameToTheLastNanosecond() {
    assertEquals(
"""
Periodic 750000 750000 750000 750000 750000 750000
PoissonArrivals 111825 188817 953173 990434 1375032 282541
Mmpp 3106594 668476 1062978 6006739 169944 1036124
OnOff 1341 5964 1573 15633 4247 5123
"""
            .strip(),
        Stream.of(
                new Periodic(750_000),
                new PoissonArrivals(2000),
                new Mmpp(new double[] {300, 3000, 0}, new double[] {7e6, 1e6, 1e5}),
                new OnOff(32, new Pareto(20e3, 1.6), new Pareto(20e3, 1.3), 20_000))
            .map(GoldenSamplesTest::gaps)
            .collect(Collectors.joining("\n")));
  }

  private static RandomStream stream() {
    RandomStream stream = new RandomStream();
    stream.derive(20260507, StreamPurpose.SERVICE, 0, 95, 3, 47);
    return stream;
  }

  private static String line(Distribution law) {
    RandomStream stream = stream();
    double[] samples = new double[4];
    Arrays.setAll(samples, i -> law.sample(stream));
    return law.getClass().getSimpleName() + " " + hex(samples);
  }

  private static String ziggurats() {
    RandomStream stream = stream();
    double[] exponentials = new double[4];
    Arrays.setAll(exponentials, i -> stream.nextExponential());
    double[] normals = new double[4];
    Arrays.setAll(normals, i -> stream.nextGaussian());
    return "nextExponential " + hex(exponentials) + "\nnextGaussian " + hex(normals);
  }

  private static String hex(double[] values) {
    return Arrays.stream(values).mapToObj(Double::toHexString).collect(Collectors.joining(" "));
  }

  private static String gaps(ArrivalProcess process) {
    RandomStream stream = stream();
    ArrivalState state = new ArrivalState();
    state.start(process, stream);
    long[] gaps = new long[6];
    Arrays.setAll(gaps, i -> state.nextGapNs(stream));
    return process.getClass().getSimpleName()
        + " "
        + Arrays.stream(gaps).mapToObj(Long::toString).collect(Collectors.joining(" "));
  }
}
