package stallcast.coordinator.aggregate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NsTextTest {
  @ParameterizedTest
  @CsvSource({
    "86400000000000, 1d",
    "5400000000000, 90m",
    "1500000000, 1500ms",
    "90000000000, 90s",
    "750000, 750us",
    "1, 1ns",
    "0, 0s",
  })
  void exactTimesAreSpelledAsInScenarios(long ns, String text) {
    assertEquals(text, NsText.exact(ns));
  }

  @ParameterizedTest
  @CsvSource({
    "15500000000, 15.5 s",
    "713009442770, 713 s",
    "550000000, 550 ms",
    "12400, 12.4 us",
    "1000000000, 1 s",
    "999600000, 1 s",
    "-999999999, -1 s",
    "999499999, 999 ms",
    "999999, 1 ms",
    "999999999999, 1000 s",
    "-550000000, -550 ms",
    "7, 7 ns",
    "0, 0 s",
  })
  void roundedTimesHaveThreeDigits(long ns, String text) {
    assertEquals(text, NsText.rounded(ns));
  }
}
