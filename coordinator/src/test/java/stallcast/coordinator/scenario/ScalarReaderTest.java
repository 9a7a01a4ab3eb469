package stallcast.coordinator.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stallcast.coordinator.scenario.yaml.SourceException;
import stallcast.coordinator.scenario.yaml.YamlSource;
import stallcast.kernel.random.Beta;
import stallcast.kernel.random.BoundedPareto;
import stallcast.kernel.random.Categorical;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Empirical;
import stallcast.kernel.random.Exponential;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.random.Gamma;
import stallcast.kernel.random.Geometric;
import stallcast.kernel.random.LogNormal;
import stallcast.kernel.random.LogUniform;
import stallcast.kernel.random.Mixture;
import stallcast.kernel.random.Normal;
import stallcast.kernel.random.Pareto;
import stallcast.kernel.random.Poisson;
import stallcast.kernel.random.Truncated;
import stallcast.kernel.random.Uniform;
import stallcast.kernel.random.Weibull;

/** Every unit and every form of a scalar. */
final class ScalarReaderTest {
  private static final double MS = 1e6;

  private static Distribution read(Quantity quantity, String text) {
    Problems problems = new Problems();
    try {
      Cursor at = new Cursor(YamlSource.read(text, "test").get(0), problems);
      return new ScalarReader(quantity, Bounds.NONE)
          .read(at)
          .orElseThrow(() -> new AssertionError(problems.list()));
    } catch (SourceException e) {
      throw new AssertionError(e);
    }
  }

  private static Distribution time(String text) {
    return read(Quantity.TIME, text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1ns, 1",
    "750us, 750000",
    "750µs, 750000",
    "30ms, 30000000",
    "1.5s, 1500000000",
    "2m, 120000000000",
    "2min, 120000000000",
    "2h, 7200000000000",
    "1d, 86400000000000",
    "0.1s, 100000000",
    "9007199254740991ns, 9007199254740991",
    "1e3 us, 1000000",
    ".5us, 500",
    "-1s, -1000000000",
  })
  void timesAreExact(String text, long ns) {
    assertEquals(new Fixed(ns), time(text));
  }

  @ParameterizedTest
  @CsvSource({
    "1B, 1",
    "1KiB, 1024",
    "1kB, 1000",
    "2MiB, 2097152",
    "2MB, 2000000",
    "512GiB, 549755813888",
    "1GB, 1000000000",
    "1TiB, 1099511627776",
    "1TB, 1000000000000",
  })
  void sizesAreExact(String text, long bytes) {
    assertEquals(new Fixed(bytes), read(Quantity.SIZE, text));
  }

  @ParameterizedTest
  @CsvSource({
    "1000/s, 1000",
    "60/min, 1",
    "3600/h, 1",
    "86400/day, 1",
    "604800/week, 1",
    "2592000/month, 1",
    "0, 0",
  })
  void ratesArePerSecond(String text, double perSecond) {
    assertEquals(new Fixed(perSecond), read(Quantity.RATE, text));
  }

  @Test
  void byteRatesArePerSecond() {
    assertEquals(new Fixed(0x1p30), read(Quantity.BYTE_RATE, "1GiB/s"));
    assertEquals(new Fixed(1e6), read(Quantity.BYTE_RATE, "60MB/min"));
  }

  @Test
  void sharesMayBePercent() {
    assertEquals(new Fixed(0.25), read(Quantity.PROBABILITY, "25%"));
    assertEquals(new Fixed(0.25), read(Quantity.PROBABILITY, "0.25"));
  }

  @Test
  void everyLawIsRead() {
    assertEquals(new Uniform(MS, 2 * MS), time("{uniform: {min: 1ms, max: 2ms}}"));
    assertEquals(new Uniform(MS, 2 * MS), time("{uniform: [1ms, 2ms]}"));
    assertEquals(new Exponential(2 * MS), time("{exponential: {mean: 2ms}}"));
    assertEquals(new Normal(2 * MS, MS), time("{normal: {mean: 2ms, sd: 1ms}}"));
    assertEquals(
        LogNormal.ofMedianAndP99(50 * MS, 300 * MS),
        time("{lognormal: {median: 50ms, p99: 300ms}}"));
    assertEquals(
        LogNormal.ofMedianAndSigma(50 * MS, 0.77),
        time("{lognormal: {median: 50ms, sigma: 0.77}}"));
    assertEquals(new LogNormal(1, 2), read(Quantity.NUMBER, "{lognormal: {mu: 1, sigma: 2}}"));
    assertEquals(new Weibull(MS, 1.5), time("{weibull: {scale: 1ms, shape: 1.5}}"));
    assertEquals(new Pareto(MS, 1.5), time("{pareto: {min: 1ms, shape: 1.5}}"));
    assertEquals(
        new BoundedPareto(MS, 9 * MS, 1.5),
        time("{bounded-pareto: {min: 1ms, max: 9ms, shape: 1.5}}"));
    assertEquals(new Beta(2, 18, 0, 1), read(Quantity.PROBABILITY, "{beta: {alpha: 2, beta: 18}}"));
    assertEquals(
        new Beta(2, 3, MS, 2 * MS), time("{beta: {alpha: 2, beta: 3, min: 1ms, max: 2ms}}"));
    assertEquals(new LogUniform(MS, 9 * MS), time("{log-uniform: {min: 1ms, max: 9ms}}"));
    assertEquals(new Gamma(2, MS), time("{gamma: {shape: 2, scale: 1ms}}"));
    assertEquals(new Poisson(4.5), read(Quantity.WHOLE, "{poisson: {mean: 4.5}}"));
    assertEquals(new Geometric(6), read(Quantity.WHOLE, "{geometric: {mean: 6}}"));
  }

  @Test
  void logarithmOfATimeIsThatOfSeconds() {
    Distribution law = time("{lognormal: {mu: 0, sigma: 1}}");
    assertEquals(1e9, law.quantile(0.5), 1);
  }

  @Test
  void composedLawsAreRead() {
    assertEquals(
        new Categorical(new double[] {4, 8}, new double[] {0.75, 0.25}),
        read(Quantity.WHOLE, "{categorical: {8: 1, 4: 3, 99: 0}}"));
    assertEquals(new Fixed(4), read(Quantity.WHOLE, "{categorical: {4: 3}}"));
    assertEquals(
        new Empirical(new double[] {0, MS, 2 * MS}, new double[] {0.5, 0.5}, false),
        time("{empirical: {edges: [0, 1ms, 2ms], weights: [7, 7]}}"));
    assertEquals(
        new Mixture(
            new Distribution[] {new Fixed(MS), new Exponential(MS)}, new double[] {0.25, 0.75}),
        time("{mixture: [{weight: 1, of: 1ms}, {weight: 3, of: {exponential: {mean: 1ms}}}]}"));
    Distribution cut = time("{truncated: {of: {normal: {mean: 2ms, sd: 1ms}}, min: 0, max: 3ms}}");
    assertEquals(new Truncated(new Normal(2 * MS, MS), 0, 3 * MS).mean(), cut.mean());
    assertEquals(3 * MS, cut.upper());
  }

  @Test
  void orderOfKeysDoesNotMatter() {
    assertEquals(
        read(Quantity.WHOLE, "{categorical: {4: 3, 8: 1}}"),
        read(Quantity.WHOLE, "{categorical: {8: 1, 4: 3}}"));
  }

  @Test
  void flagsCanBeRandom() {
    assertEquals(new Fixed(1), read(Quantity.FLAG, "true"));
    assertEquals(new Fixed(0), read(Quantity.FLAG, "0"));
    Distribution law = read(Quantity.FLAG, "{categorical: {true: 0.2, false: 0.8}}");
    assertEquals(0.2, law.mean(), 1e-12);
  }
}
