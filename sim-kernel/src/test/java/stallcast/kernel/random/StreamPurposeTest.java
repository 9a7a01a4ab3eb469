package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class StreamPurposeTest {
  /** Stored results depend on these numbers: a line may be appended here, never changed. */
  @Test
  void registeredNumbersNeverChange() {
    assertEquals(
        "CONFIG=1 ARRIVALS=2 SERVICE=3 MIGRATION=4 STEAL=5 PLACEMENT=6 RESAMPLING=7 IS_CONTROL=8"
            + " BOOTSTRAP=9 TASK_PROGRAM=10 RESUME_SKEW=11 GUEST_STATE=12 INTERRUPTS=13"
            + " GUEST_LOCKS=14",
        Arrays.stream(StreamPurpose.values())
            .map(purpose -> purpose + "=" + purpose.number())
            .collect(Collectors.joining(" ")));
  }

  @Test
  void numbersAreDistinctAndFillSixteenBitsAtMost() {
    long distinct =
        Arrays.stream(StreamPurpose.values())
            .mapToInt(StreamPurpose::number)
            .filter(number -> number >= 1 && number <= 0xFFFF)
            .distinct()
            .count();
    assertEquals(StreamPurpose.values().length, distinct);
  }
}
