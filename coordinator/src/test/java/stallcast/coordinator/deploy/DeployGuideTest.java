package stallcast.coordinator.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import stallcast.coordinator.cli.InProcess;

/** The commands that {@code docs/deploy.md} tells a user to type. */
class DeployGuideTest {
  private static final Path GUIDE = DeployFolder.ROOT.resolve("../docs/deploy.md");
  private static final Pattern COMMAND =
      Pattern.compile("\\./stallcast ([a-z][^`\\n|]*(?:\\\\\\n[^`\\n|]*)*)");
  private static final Pattern FILE = Pattern.compile("deploy/[a-z]+/[a-z.@*-]+[a-z]");

  private static List<String> found(Pattern pattern, int group) throws IOException {
    return pattern
        .matcher(Files.readString(GUIDE))
        .results()
        .map((MatchResult match) -> match.group(group))
        .toList();
  }

  @Test
  void commandsOfOursParse() throws IOException {
    List<String> commands = found(COMMAND, 1);
    assertTrue(commands.size() >= 15, commands::toString);
    for (String command : commands) {
      String plain = command.replace("\\\n", " ").replaceAll("[&.,]+\\s*$", "").strip();
      InProcess.parse(List.of(plain.split("\\s+")));
    }
  }

  @Test
  void filesThatItNamesAreThere() throws IOException {
    List<String> files = found(FILE, 0);
    assertTrue(files.size() >= 5, files::toString);
    for (String file : files) {
      if (!file.contains("*")) {
        assertTrue(Files.exists(DeployFolder.ROOT.resolve("..").resolve(file)), file);
      }
    }
  }

  @Test
  void userOfTheImageIsTheOneThatPodsRunAs() throws IOException {
    String pom = Files.readString(Path.of("pom.xml"));
    String user = pom.replaceAll("(?s).*<image.user>([0-9:]+)</image.user>.*", "$1");
    assertEquals("10001:10001", user);
    for (Path file : DeployFolder.files("kubernetes", ".yaml")) {
      String text = Files.readString(file);
      if (text.contains("runAsUser")) {
        assertTrue(text.contains("runAsUser: 10001\n"), file::toString);
        assertTrue(text.contains("runAsGroup: 10001\n"), file::toString);
      }
    }
  }
}
