package stallcast.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stallcast.coordinator.cli.InProcess.Printed;

/** {@code stallcast certs} as a user meets it. */
class CertsCommandTest {
  @TempDir private Path folder;
  private Path authority;
  private Path node;

  @BeforeEach
  void name() {
    authority = folder.resolve("authority");
    node = folder.resolve("certs/w1");
  }

  private static Printed good(Object... args) {
    Printed printed = InProcess.run(args);
    assertEquals(ExitCode.DONE, printed.exitCode(), printed.err() + printed.out());
    return printed;
  }

  private static void assertRefused(Printed printed, String... lines) {
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode(), printed.err());
    assertEquals(String.join("\n", lines) + "\n", printed.err());
    assertEquals("", printed.out());
  }

  @Test
  void fromNothingToANodeAndItsRenewal() {
    Printed made = good("certs", "init", authority);
    assertTrue(made.out().contains("Next: stallcast certs issue " + authority), made.out());
    good("certs", "issue", authority, node, "--days", 30);
    Printed shown = good("certs", "show", node, authority);
    assertTrue(shown.out().contains("tls.crt  CN=stallcast,OU=w1"), shown.out());
    assertTrue(shown.out().contains("29 days left"), shown.out());
    good("certs", "renew", authority, node, "--days", 60);
    assertTrue(good("certs", "show", node).out().contains("59 days left"));
  }

  @Test
  void showFailsIfSomethingIsWrongOrEndsSoon() throws IOException {
    good("certs", "init", authority);
    good("certs", "issue", authority, node, "--days", 30);
    good("certs", "show", node, "--days-left", 29);
    Printed soon = InProcess.run("certs", "show", node, "--days-left", 40);
    assertEquals(ExitCode.CHECK_FAILED, soon.exitCode());
    assertTrue(soon.out().contains("  ! tls.crt ends in 29 days\n  NOT GOOD"), soon.out());
    Files.delete(node.resolve("tls.key"));
    Printed broken = InProcess.run("certs", "show", node);
    assertEquals(ExitCode.CHECK_FAILED, broken.exitCode());
    assertTrue(broken.out().contains("  ! there is no file tls.key"), broken.out());
    Printed nothing = InProcess.run("certs", "show", folder.resolve("none"));
    assertTrue(nothing.out().contains("there is no such folder"), nothing.out());
  }

  @Test
  void everyProblemIsNamedAtOnceAndNothingIsMade() {
    assertRefused(
        InProcess.run("certs", "init", authority, "--cluster", "a,CN=b", "--days", 0),
        "stallcast: --cluster must be 1..64 letters, digits, '.', '_' or '-' and begin with a"
            + " letter or digit, got 'a,CN=b'",
        "stallcast: --days must be 1..36500, got 0");
    assertFalse(Files.exists(authority));
    assertRefused(
        InProcess.run("certs", "issue", authority, node),
        "stallcast: the TLS folder " + authority + " cannot be used:",
        "  no ca.key and ca.crt to read; 'stallcast certs init' makes them");
    assertFalse(Files.exists(node));
  }

  @Test
  void nothingIsOverwritten() {
    good("certs", "init", authority);
    String refusal = " is not empty; nothing is overwritten";
    assertRefused(
        InProcess.run("certs", "init", authority), "stallcast: the folder " + authority + refusal);
    good("certs", "issue", authority, node);
    assertRefused(
        InProcess.run("certs", "issue", authority, node),
        "stallcast: the folder " + node + refusal);
  }

  @ParameterizedTest
  @ValueSource(strings = {"init", "issue", "show", "renew"})
  void everyCommandExplainsItself(String command) {
    Printed help = good("certs", command, "--help");
    assertTrue(help.out().contains("Usage: stallcast certs " + command), help.out());
    assertFalse(help.out().contains("null"), help.out());
    assertTrue(good("certs", command, "--version").out().startsWith("stallcast "), "version");
  }

  @Test
  void passwordsAreNowhereAsked() {
    for (String command : new String[] {"init", "issue", "show", "renew"}) {
      assertFalse(good("certs", command, "--help").out().contains("password"), command);
    }
  }
}
