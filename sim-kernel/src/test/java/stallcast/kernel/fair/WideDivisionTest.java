package stallcast.kernel.fair;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Against BigInteger. */
class WideDivisionTest {
  @Test
  void quotientIsRoundedDown() {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 20_000; i++) {
      long divisor = 1 + (random.nextLong() >>> (1 + random.nextInt(62)));
      long quotient = random.nextLong() >> random.nextInt(64);
      long rest = random.nextLong(divisor);
      BigInteger dividend =
          BigInteger.valueOf(quotient)
              .multiply(BigInteger.valueOf(divisor))
              .add(BigInteger.valueOf(rest));
      long high = dividend.shiftRight(64).longValue();
      long low = dividend.longValue();
      long expected =
          new BigDecimal(dividend)
              .divide(new BigDecimal(divisor), 0, RoundingMode.FLOOR)
              .longValueExact();
      assertEquals(expected, WideDivision.floor(high, low, divisor));
    }
  }
}
