package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

class ArrivalProcessTest {
  private static final Distribution SHORT = new Fixed(1000);

  @Test
  void meanRatesFollowFromTheParameters() {
    assertEquals(1e9 / 750_000, new Periodic(750_000).meanRatePerSecond(), 1e-9);
    assertEquals(17, new PoissonArrivals(17).meanRatePerSecond());
    assertEquals(
        (6 * 0.7 + 60 * 0.1) / 0.8,
        new Mmpp(new double[] {6, 60}, new double[] {0.7e9, 0.1e9}).meanRatePerSecond(),
        1e-12);
    assertEquals(
        8 * 500 * 0.25,
        new OnOff(8, new Fixed(1e6), new Exponential(3e6), 500).meanRatePerSecond(),
        1e-9);
    assertEquals(3e9 / 6_000, trace(1_000, 2_000, 3_000).meanRatePerSecond(), 1e-9);
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused("periodNs", () -> new Periodic(0));
    assertRefused("periodNs", () -> new Periodic(ArrivalState.NEVER_NS));
    assertRefused("perSecond", () -> new PoissonArrivals(-1));
    assertRefused("perSecond", () -> new PoissonArrivals(Double.NaN));
    assertRefused("perSecond", () -> new PoissonArrivals(2e9));
    assertRefused("number of ratesPerSecond", () -> mmpp(new double[] {1}, 1e9));
    assertRefused("number of meanSojournNs", () -> mmpp(new double[] {1, 2}, 1e9));
    assertRefused("ratesPerSecond[1]", () -> mmpp(new double[] {1, Double.NaN}, 1e9, 1e9));
    assertRefused("meanSojournNs[0]", () -> mmpp(new double[] {1, 2}, 0, 1e9));
    assertRefused("expected arrivals per period", () -> mmpp(new double[] {0, 0}, 1e9, 1e9));
    assertRefused("expected arrivals per period", () -> mmpp(new double[] {1, 1}, 10, 10));
    assertRefused("sources", () -> new OnOff(0, SHORT, SHORT, 1e6));
    assertRefused("sources", () -> new OnOff(1_000_001, SHORT, SHORT, 1e3));
    assertRefused("lower end of onNs", () -> new OnOff(1, new Normal(10, 1), SHORT, 1e6));
    assertRefused("mean of offNs", () -> new OnOff(1, SHORT, new Pareto(10, 1), 1e6));
    assertRefused("mean of offNs", () -> new OnOff(1, SHORT, new Fixed(0), 1e6));
    assertRefused("onRatePerSecond", () -> new OnOff(1, SHORT, SHORT, 0));
    assertRefused("onRatePerSecond", () -> new OnOff(1, SHORT, SHORT, Double.NaN));
    assertRefused("sources * onRatePerSecond", () -> new OnOff(100, SHORT, SHORT, 1e8));
    assertRefused("expected arrivals per period", () -> new OnOff(1, SHORT, SHORT, 1e-3));
    assertRefused("number of gapsNs", () -> trace());
    assertRefused("gapsNs[1]", () -> trace(1, 0));
    assertRefused("gapsNs[0]", () -> trace(-1));
    assertRefused("gapsNs[0]", () -> trace(1.5));
    assertRefused("gapsNs[0]", () -> trace(Double.NaN));
    assertRefused("gapsNs[0]", () -> trace(Double.POSITIVE_INFINITY));
    assertRefused("sum of gapsNs", () -> trace(0x1p52, 0x1p52));
    assertEquals(2, trace(0x1p52, 0x1p52 - 1).arrivals());
  }

  @Test
  void modulatedProcessCopiesItsArraysAndComparesByContent() {
    double[] rates = {1, 2};
    double[] sojourns = {1e9, 2e9};
    Mmpp process = new Mmpp(rates, sojourns);
    rates[0] = 99;
    sojourns[0] = 99;
    process.ratesPerSecond()[1] = 99;
    process.meanSojournNs()[1] = 99;
    assertEquals(mmpp(new double[] {1, 2}, 1e9, 2e9), process);
    assertEquals(mmpp(new double[] {1, 2}, 1e9, 2e9).hashCode(), process.hashCode());
    assertNotEquals(mmpp(new double[] {1, 2}, 1e9, 1e9), process);
    assertArrayEquals(new double[] {1, 2}, process.ratesPerSecond());
  }

  @Test
  void traceCopiesItsArrayAndComparesByContent() {
    double[] gaps = {1, 2};
    TraceArrivals process = new TraceArrivals(gaps, true);
    gaps[0] = 99;
    process.gapsNs()[1] = 99;
    assertEquals(trace(1, 2), process);
    assertEquals(trace(1, 2).hashCode(), process.hashCode());
    assertNotEquals(trace(1, 3), process);
    assertNotEquals(new TraceArrivals(new double[] {1, 2}, false), process);
    assertArrayEquals(new double[] {1, 2}, process.gapsNs());
  }

  private static TraceArrivals trace(double... gapsNs) {
    return new TraceArrivals(gapsNs, true);
  }

  private static Mmpp mmpp(double[] ratesPerSecond, double... meanSojournNs) {
    return new Mmpp(ratesPerSecond, meanSojournNs);
  }
}
