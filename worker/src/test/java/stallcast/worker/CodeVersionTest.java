package stallcast.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class CodeVersionTest {
  @Test
  void buildFillsInReleaseAndCommit() {
    CodeVersion version = CodeVersion.current();
    assertTrue(version.release().matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?"), version.release());
    assertTrue(version.commit().matches("[0-9a-f]{7,40}|unknown"), version.commit());
  }

  @Test
  void uncommittedChangesAreSaid() {
    assertEquals(
        "1.0.0 (commit abc1234, modified)", new CodeVersion("1.0.0", "abc1234", true).toString());
    assertEquals("1.0.0 (commit abc1234)", new CodeVersion("1.0.0", "abc1234", false).toString());
  }
}
