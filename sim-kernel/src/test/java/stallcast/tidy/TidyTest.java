package stallcast.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** House style that no other tool checks, over the sources of all modules. */
final class TidyTest {
  private static Path root = Path.of("");
  private static List<Path> sources = List.of();

  @BeforeAll
  static void findSources() throws IOException {
    root = repositoryRoot();
    List<Path> found = new ArrayList<>();
    try (Stream<Path> modules = Files.list(root)) {
      for (Path module : modules.filter(dir -> Files.exists(dir.resolve("pom.xml"))).toList()) {
        found.addAll(javaFilesBelow(module.resolve("src")));
      }
    }
    sources = found.stream().sorted().toList();
  }

  @Test
  void sourcesOfAllModulesAreRead() {
    List<String> modules =
        sources.stream().map(file -> root.relativize(file).getName(0).toString()).toList();
    assertTrue(modules.containsAll(List.of("sim-kernel", "worker", "coordinator")), "" + modules);
  }

  @Test
  void textIsTidy() throws IOException {
    List<String> faults = new ArrayList<>();
    for (Path file : sources) {
      TextRules.faultsIn(Files.readString(file)).forEach(fault -> faults.add(at(file, fault)));
    }
    assertNone(faults);
  }

  @Test
  void declarationsAreTidy() throws IOException {
    List<String> faults = new ArrayList<>();
    for (Path file : sources) {
      TreeRules.faultsIn(Files.readString(file)).forEach(fault -> faults.add(at(file, fault)));
    }
    assertNone(faults);
  }

  @Test
  void everyPackageSaysWhatItIsFor() {
    assertNone(packagesWithoutInfo(sources.stream().filter(TidyTest::isProduction).toList()));
  }

  @Test
  void packageWithoutInfoIsFound() {
    List<String> faults =
        packagesWithoutInfo(
            List.of(Path.of("a/A.java"), Path.of("a/package-info.java"), Path.of("a/b/B.java")));
    assertEquals(List.of(Path.of("a/b") + " has no package-info.java"), faults);
  }

  private static List<String> packagesWithoutInfo(List<Path> files) {
    return new TreeSet<>(files.stream().map(Path::getParent).toList())
        .stream()
            .filter(folder -> !files.contains(folder.resolve("package-info.java")))
            .map(folder -> folder + " has no package-info.java")
            .toList();
  }

  private static boolean isProduction(Path file) {
    return root.relativize(file).startsWith(root.relativize(file).getName(0).resolve("src/main"));
  }

  private static Path repositoryRoot() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(folder.resolve(".mvn"))) {
      folder = folder.getParent();
      assertTrue(folder != null, "no .mvn folder above the working directory");
    }
    return folder;
  }

  private static List<Path> javaFilesBelow(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList();
    }
  }

  private static String at(Path file, String fault) {
    return root.relativize(file) + ":" + fault;
  }

  private static void assertNone(List<String> faults) {
    if (!faults.isEmpty()) {
      fail(faults.size() + " faults:\n" + String.join("\n", faults));
    }
  }
}
