package stallcast.coordinator.chaos;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * How a JVM with this program is started, quickly: with a class path of jars and an archive of
 * loaded classes, which only jars can have. That saves a third of the time of every start.
 */
final class Launch {
  private final String mainClass;
  private final String classPath;
  private final Path archive;

  /**
   * Packs the folders of this process's class path.
   *
   * @param folder where jars and archive go
   */
  Launch(String mainClass, Path folder) throws IOException {
    this.mainClass = mainClass;
    Files.createDirectories(folder);
    archive = folder.resolve("classes.jsa");
    List<String> jars = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        Path jar = folder.resolve(jars.size() + ".jar");
        pack(path, jar);
        jars.add(jar.toString());
      } else {
        jars.add(path.toAbsolutePath().toString());
      }
    }
    classPath = String.join(File.pathSeparator, jars);
  }

  private static void pack(Path folder, Path into) throws IOException {
    try (OutputStream file = Files.newOutputStream(into);
        JarOutputStream jar = new JarOutputStream(file);
        Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.filter(Files::isRegularFile).sorted().toList()) {
        String name = folder.relativize(path).toString().replace(File.separatorChar, '/');
        jar.putNextEntry(new JarEntry(name));
        Files.copy(path, jar);
        jar.closeEntry();
      }
    }
  }

  /** The option of a JVM that makes the archive when it ends. */
  String archiving() {
    return "-XX:ArchiveClassesAtExit=" + archive;
  }

  /**
   * The words of a command.
   *
   * @param options of the JVM
   * @param words as typed after {@code stallcast}
   */
  List<String> command(List<String> options, List<String> words) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx192m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.add("-Xlog:disable"); // what cannot be archived is of no interest
    if (Files.exists(archive)) {
      command.add("-XX:SharedArchiveFile=" + archive);
    }
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, mainClass));
    command.addAll(words);
    return command;
  }
}
