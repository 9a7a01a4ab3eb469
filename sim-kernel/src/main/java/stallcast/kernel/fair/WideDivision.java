package stallcast.kernel.fair;

/** Division of 128-bit numbers by 64-bit ones: needed after stops of days only. */
final class WideDivision {
  private WideDivision() {}

  /**
   * Quotient rounded down.
   *
   * @param high upper half of the dividend, signed
   * @param low lower half
   * @param divisor above 0
   * @return the quotient; it must fit
   */
  static long floor(long high, long low, long divisor) {
    if (high < 0) {
      // floor(-x / d) = -ceil(x / d) = -((x - 1) / d) - 1 for x > 0, and x - 1 = ~dividend.
      return -floor(~high, ~low, divisor) - 1;
    }
    long remainder = high % divisor;
    long quotient = 0;
    for (int bit = 63; bit >= 0; bit--) {
      remainder = (remainder << 1) | ((low >>> bit) & 1);
      quotient <<= 1;
      if (Long.compareUnsigned(remainder, divisor) >= 0) {
        remainder -= divisor;
        quotient |= 1;
      }
    }
    return quotient;
  }
}
