package stallcast.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every tidy rule fires on a bad snippet and stays silent on a good one. */
final class TidyRulesTest {
  @Test
  void lineOfHundredCharactersIsTheLongest() {
    assertEquals(List.of(), TextRules.faultsIn("x".repeat(100)));
    assertEquals(
        List.of("2: line has 101 characters, limit 100"),
        TextRules.faultsIn("a\n" + "x".repeat(101)));
  }

  @Test
  void importsAndWebAddressesMayBeLonger() {
    assertEquals(List.of(), TextRules.faultsIn("import " + "a.".repeat(60) + "B;"));
    assertEquals(List.of(), TextRules.faultsIn("// see https://kernel.org/" + "d/".repeat(50)));
  }

  @Test
  void fileOfFourHundredLinesIsTheLongest() {
    assertEquals(List.of(), TextRules.faultsIn("a\n".repeat(400)));
    assertEquals(
        List.of("1: file has 401 lines, limit 400"), TextRules.faultsIn("a\n".repeat(401)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TO" + "DO", "FIX" + "ME", "XX" + "X"})
  void unfinishedWorkIsFound(String word) {
    assertEquals(
        List.of("1: unfinished work belongs into an issue"),
        TextRules.faultsIn("int a; // " + word + " later"));
  }

  @Test
  void switchedOffTestIsFound() {
    assertEquals(
        List.of("1: a test is fixed or removed, not switched off"),
        TextRules.faultsIn("@Dis" + "abled(\"flaky\")"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "// timers.arm(walker[cpu], nowNs);",
        "// count = count + 1;",
        "// return true;",
        "// if (isArmed(cpu)) {",
        "// } else {",
        "// }",
        "// @Override",
        "// private final long periodNs;",
        "/* import java.util.List; */",
        "/*\n * queue.clear();\n */",
      })
  void commentedOutCodeIsFound(String comment) {
    assertEquals(1, TextRules.faultsIn(comment).size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "// [cpuCount] timer ids",
        "// kernel.watchdog_thresh = 10 s (Documentation/admin-guide/sysctl/kernel.rst)",
        "// for each CPU, the mean gap between two hits",
        "// first charge, then look;",
        "// if the pool is empty, the slice is zero (fair.c)",
        "/** Shows {@code timers.arm(id, nowNs);} */",
        "String s = \"// return true;\";",
        "String s = \"\"\"\n    // return true;\n    \"\"\";",
        "char quote = '\"'; // a quote",
      })
  void proseAndLiteralsAreNotCode(String text) {
    assertEquals(List.of(), TextRules.faultsIn(text));
  }

  @Test
  void methodOfSixtyLinesIsTheLongest() {
    assertEquals(List.of(), TreeRules.faultsIn(classWithMethodOf(60)));
    assertEquals(
        List.of("2: method run has 61 lines, limit 60"), TreeRules.faultsIn(classWithMethodOf(61)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"TimerManager", "CpuHelper", "TimeUtil", "TimeUtils", "QueueImpl", "BaseTimer"})
  void nameThatSaysNothingIsFound(String name) {
    assertEquals(
        List.of("2: name the class after what it is: " + name),
        TreeRules.faultsIn("class Outer {\n  static final class " + name + " {}\n}\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TimerQueue", "Baseline", "Utilisation", "Implicit"})
  void nameThatSaysSomethingPasses(String name) {
    assertEquals(List.of(), TreeRules.faultsIn("record " + name + "(int cpu) {}\n"));
  }

  private static String classWithMethodOf(int lines) {
    return "class A {\n  void run() {\n" + "    count++;\n".repeat(lines - 2) + "  }\n}\n";
  }
}
