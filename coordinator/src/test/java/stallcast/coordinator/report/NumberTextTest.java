package stallcast.coordinator.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumberTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "0; 0",
        "3.68819914619e-4; 3.69e-4",
        "0.0123456; 0.0123",
        "0.5; 0.500",
        "12; 12.0",
        "123.4; 123",
        "1234.5; 1,235",
        "-0.0123456; -0.0123",
        "1.5e6; 1.50e6",
        "2.5e-12; 2.50e-12",
      })
  void numbersHaveThreeDigits(double value, String text) {
    assertEquals(text, NumberText.rounded(value));
  }

  @Test
  void countsHaveTheirThousandsApart() {
    assertEquals("1,000,000", NumberText.grouped(1_000_000));
    assertEquals("999", NumberText.grouped(999));
  }

  @Test
  void levelsAreInPercent() {
    assertEquals("95 %", NumberText.percent(0.95));
    assertEquals("99.9 %", NumberText.percent(0.999));
  }
}
