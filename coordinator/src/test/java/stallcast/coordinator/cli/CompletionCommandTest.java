package stallcast.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class CompletionCommandTest {
  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh"})
  void scriptKnowsTheCommands(String shell) {
    String script = scriptFor(shell);
    assertTrue(script.contains("complete -F _complete_stallcast"), script);
    assertTrue(script.contains("help completion") || script.contains("completion help"), script);
  }

  @Test
  void bashAcceptsTheScript() throws IOException, InterruptedException {
    Process bash = new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
    try (var stdin = bash.getOutputStream()) {
      stdin.write(scriptFor("bash").getBytes(StandardCharsets.UTF_8));
    }
    String complaints = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, bash.waitFor(), complaints);
  }

  private static String scriptFor(String shell) {
    CommandLine root = StallcastCommand.commandLine();
    StringWriter out = new StringWriter();
    root.setOut(new PrintWriter(out, true));
    assertEquals(0, StallcastCommand.execute(root, "completion", shell));
    return out.toString();
  }
}
