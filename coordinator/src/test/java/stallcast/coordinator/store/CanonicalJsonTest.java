package stallcast.coordinator.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalJsonTest {
  private static final Map<String, Object> VALUE =
      Map.of(
          "text",
          "a\"b\\c\n\t\u0001\u00e4\ud83d\ude00",
          "list",
          Arrays.asList(1L, -2.5e-7, true, null, List.of(), Map.of()),
          "largest",
          Long.MAX_VALUE,
          "a",
          Map.of("b", 0.1));

  @Test
  void keysAreSortedAndNothingIsBlank() {
    assertEquals(
        "{\"a\":{\"b\":0.1},\"largest\":9223372036854775807,"
            + "\"list\":[1,-2.5E-7,true,null,[],{}],"
            + "\"text\":\"a\\\"b\\\\c\\n\\t\\u0001\u00e4\ud83d\ude00\"}",
        CanonicalJson.line(VALUE));
  }

  @Test
  void pagesAreIndented() {
    assertEquals(
        "{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}\n",
        CanonicalJson.page(Map.of("b", Map.of(), "a", List.of(1))));
  }

  @Test
  void whatIsWrittenIsReadBack() {
    assertEquals(
        new HashMap<>(VALUE), new HashMap<>(CanonicalJson.parse(CanonicalJson.line(VALUE))));
    assertEquals(
        new HashMap<>(VALUE), new HashMap<>(CanonicalJson.parse(CanonicalJson.page(VALUE))));
  }

  @Test
  void realNumbersHaveTheFewestDigitsThatGiveThemBack() {
    assertEquals(
        "[2E-323,0.1,0.30000000000000004,86400,0,1.7976931348623157E+308]",
        CanonicalJson.line(List.of(2e-323, 0.1, 0.1 + 0.2, 86_400.0, 0.0, Double.MAX_VALUE)));
  }

  @Test
  void halfACharacterIsEscaped() {
    assertEquals("\"\\ud83d\"", CanonicalJson.line("\ud83d"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{} x",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":01}",
        "{\"a\":NaN}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"b}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":99999999999999999999}",
        "{,}",
        "{\"a\":[1,]}",
      })
  void brokenTextIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> CanonicalJson.parse(text));
  }

  @Test
  void deepNestingIsRefusedBeforeTheStackEnds() {
    String deep = "{\"a\":" + "[".repeat(100_000);
    assertThrows(IllegalArgumentException.class, () -> CanonicalJson.parse(deep));
  }

  @Test
  void whatJsonCannotSayIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> CanonicalJson.line(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> CanonicalJson.line(new Object()));
  }
}
