package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** What the refusal of a parameter must say: its name, its value and what is legal. */
final class Refusal {
  private Refusal() {}

  static void assertRefused(String parameter, Executable call) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(message.startsWith(parameter + " = "), message);
    assertTrue(message.contains(": must be "), message);
  }
}
