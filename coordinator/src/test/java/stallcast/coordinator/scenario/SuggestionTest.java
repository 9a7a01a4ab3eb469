package stallcast.coordinator.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SuggestionTest {
  @ParameterizedTest
  @CsvSource({
    "rnu, run, 1",
    "run, run, 0",
    "'', run, 3",
    "hlp, help, 1",
    "swep, sweep, 1",
    "hots, hosts, 1",
    "resum, resume, 1",
    "complete, completion, 3",
    "abc, xyz, 3"
  })
  void distanceCountsLettersToChange(String a, String b, int expected) {
    assertEquals(expected, Suggestion.distance(a, b));
    assertEquals(expected, Suggestion.distance(b, a));
  }

  @Test
  void nearestComesFirst() {
    assertEquals(List.of("run"), Suggestion.nearest("rnu", List.of("init", "run", "report")));
    assertEquals(
        List.of("--host", "--hosts"), Suggestion.nearest("--hos", List.of("--hosts", "--host")));
  }

  @Test
  void abbreviationIsUnderstood() {
    assertEquals(List.of("completion"), Suggestion.nearest("comp", List.of("completion", "run")));
  }

  @Test
  void nothingCloseGivesNothing() {
    assertEquals(List.of(), Suggestion.nearest("fleet.yaml", List.of("run", "init")));
  }
}
