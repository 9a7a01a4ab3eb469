package stallcast.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.coordinator.cli.FakeCheckout.Ending;

/** The script {@code ./stallcast}: builds once, finds Java, and hands everything on unchanged. */
final class LauncherTest {
  @TempDir private Path folder;
  private FakeCheckout checkout;

  @BeforeEach
  void makeCheckout() throws IOException {
    checkout = new FakeCheckout(folder);
  }

  @Test
  void firstRunBuildsAndTheNextDoesNot() throws Exception {
    Ending first = checkout.run("run", "fleet.yaml");
    assertEquals(0, first.exitCode(), first.err());
    assertTrue(first.err().contains("building Stallcast"), first.err());
    Ending second = checkout.run("run", "fleet.yaml");
    assertEquals("", second.err());
    assertEquals(1, checkout.builds());
  }

  @Test
  void argumentsAndWorkingDirectoryAreHandedOnUnchanged() throws Exception {
    Path elsewhere = Files.createDirectory(folder.resolve("else where"));
    Ending ending =
        FakeCheckout.end(
            checkout.start(
                checkout.root.resolve("stallcast"), elsewhere, "run", "my fleet.yaml", "*", ""));
    assertTrue(ending.out().startsWith("cwd=" + elsewhere.toRealPath() + "\n"), ending.out());
    assertTrue(
        ending.out().endsWith("StallcastCommand\narg=run\narg=my fleet.yaml\narg=*\narg=\n"),
        ending.out());
    assertTrue(
        ending.out().contains("arg=" + checkout.root + "/coordinator/target/launcher/lib/*\n"),
        ending.out());
  }

  /** What docs/deploy.md copies to other machines. */
  @Test
  void copyWithoutSourcesRunsAndNeverBuilds() throws Exception {
    checkout.run("run");
    checkout.removeMaven();
    Path copy = folder.resolve("copy");
    for (String part : new String[] {"stallcast", "coordinator/target/launcher/lib/complete"}) {
      Files.createDirectories(copy.resolve(part).getParent());
      Files.copy(
          checkout.root.resolve(part), copy.resolve(part), StandardCopyOption.COPY_ATTRIBUTES);
    }
    Ending ending =
        FakeCheckout.end(checkout.start(copy.resolve("stallcast"), folder, "run", "fleet.yaml"));
    assertEquals(0, ending.exitCode(), ending.err());
    assertEquals("", ending.err());
    assertTrue(ending.out().contains("arg=fleet.yaml"), ending.out());
  }

  @Test
  void startsThroughSymbolicLink() throws Exception {
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Path link =
        Files.createSymbolicLink(bin.resolve("stallcast"), Path.of("../a checkout/stallcast"));
    Ending ending = FakeCheckout.end(checkout.start(link, bin, "help"));
    assertEquals(0, ending.exitCode(), ending.err());
    assertTrue(ending.out().contains(checkout.root + "/coordinator"), ending.out());
  }

  @Test
  void exitCodeOfTheCommandIsItsOwn() throws Exception {
    checkout.set("JAVA_EXITS", "3");
    assertEquals(3, checkout.run("run").exitCode());
  }

  @Test
  void changedOrDeletedSourceIsBuiltAgain() throws Exception {
    checkout.run("run");
    FileTime soon = FileTime.fromMillis(System.currentTimeMillis() + 2000);
    Files.setLastModifiedTime(checkout.source(), soon);
    assertTrue(checkout.run("run").err().contains("rebuilding"));
    Files.setLastModifiedTime(checkout.source(), FileTime.fromMillis(0));
    Files.delete(checkout.source());
    Files.setLastModifiedTime(checkout.source().getParent(), soon);
    assertTrue(checkout.run("run").err().contains("rebuilding"));
    assertEquals(3, checkout.builds());
  }

  @Test
  void parallelFirstRunsBuildOnce() throws Exception {
    Path launcher = checkout.root.resolve("stallcast");
    List<Process> runs =
        List.of(
            checkout.start(launcher, folder, "run"),
            checkout.start(launcher, folder, "run"),
            checkout.start(launcher, folder, "run"));
    for (Process run : runs) {
      Ending ending = FakeCheckout.end(run);
      assertEquals(0, ending.exitCode(), ending.err());
    }
    assertEquals(1, checkout.builds());
  }

  @Test
  void lockOfDeadProcessIsRemoved() throws Exception {
    Files.createDirectories(checkout.lock().getParent());
    Path deadOwner = Path.of(hostName() + ":999999999");
    Files.createSymbolicLink(checkout.lock(), deadOwner);
    Ending ending = checkout.run("run");
    assertEquals(0, ending.exitCode(), ending.err());
    assertFalse(Files.exists(checkout.lock(), LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void failedBuildShowsTheEndOfItsLog() throws Exception {
    checkout.set("BUILD_FAILS", "yes");
    Ending ending = checkout.run("run");
    assertEquals(2, ending.exitCode());
    assertEquals("", ending.out());
    assertTrue(ending.err().contains("cannot find symbol"), ending.err());
    assertTrue(ending.err().contains("target/launcher/build.log"), ending.err());
    assertFalse(Files.exists(checkout.lock(), LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void interruptedBuildLeavesNoLock() throws Exception {
    checkout.set("BUILD_SLEEPS", "30");
    Process run = checkout.start(checkout.root.resolve("stallcast"), folder, "run");
    while (checkout.builds() == 0) {
      assertFalse(run.waitFor(20, TimeUnit.MILLISECONDS), "ended before the build began");
    }
    run.toHandle().destroy();
    Ending ending = FakeCheckout.end(run);
    assertEquals(143, ending.exitCode(), ending.err());
    assertFalse(Files.exists(checkout.lock(), LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void signalReachesTheCommand() throws Exception {
    checkout.run("run");
    checkout.set("JAVA_SLEEPS", "30");
    Process run = checkout.start(checkout.root.resolve("stallcast"), folder, "run");
    while (run.getInputStream().available() == 0) {
      assertFalse(run.waitFor(20, TimeUnit.MILLISECONDS), "ended before the signal");
    }
    run.toHandle().destroy();
    assertEquals(143, FakeCheckout.end(run).exitCode());
  }

  @Test
  void missingJavaOrMavenIsExplained() throws Exception {
    checkout.removeMaven();
    Ending withoutMaven = checkout.run("run");
    assertEquals(2, withoutMaven.exitCode());
    assertTrue(withoutMaven.err().contains("Maven (mvn) is needed"), withoutMaven.err());
    checkout.removeJava();
    Ending withoutJava = checkout.run("run");
    assertEquals(2, withoutJava.exitCode());
    assertTrue(withoutJava.err().contains("no Java 17 or newer"), withoutJava.err());
    assertTrue(withoutJava.err().contains("apt install openjdk-17-jdk maven"), withoutJava.err());
  }

  @Test
  void oldJavaIsNamed() throws Exception {
    checkout.installJava("1.8.0_292");
    Ending ending = checkout.run("run");
    assertEquals(2, ending.exitCode());
    assertTrue(ending.err().contains("the jdk is version 8"), ending.err());
  }

  @Test
  void optionsFitTheVersionOfJava() throws Exception {
    String newer = "arg=--sun-misc-unsafe-memory-access=allow\n";
    assertFalse(checkout.run("run").out().contains(newer));
    checkout.installJava("25");
    assertTrue(checkout.run("run").out().contains(newer));
  }

  @Test
  void userMayOverrideOptions() throws Exception {
    String byDefault = checkout.run("run").out();
    assertTrue(byDefault.contains("arg=-Xmx1536m\narg=-XX:OnOutOfMemoryError=kill -9 %p\n"));
    assertTrue(byDefault.contains("arg=-XX:+UseParallelGC\n"), byDefault);
    checkout.set("STALLCAST_JAVA_OPTS", "-Xmx8g -XX:+UseG1GC");
    String overridden = checkout.run("run").out();
    assertTrue(overridden.contains("arg=-Xmx8g\narg=-XX:+UseG1GC\narg=-cp\n"), overridden);
    assertFalse(overridden.contains("UseParallelGC"), overridden);
  }

  private static String hostName() throws IOException, InterruptedException {
    Process uname = new ProcessBuilder("uname", "-n").start();
    return FakeCheckout.end(uname).out().strip();
  }
}
