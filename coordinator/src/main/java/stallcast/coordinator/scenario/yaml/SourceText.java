package stallcast.coordinator.scenario.yaml;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The text of a file that may be anything. */
public final class SourceText {
  /** Longest file that is read, bytes. */
  private static final int BYTES_MAX = 1 << 20;

  private SourceText() {}

  /**
   * Reads a file.
   *
   * @throws SourceException if it is not a readable, regular, UTF-8 text file of bounded size
   */
  public static String read(Path path) throws SourceException {
    String tooLong = "is longer than 1 MiB; scenarios are small";
    return decode(bytes(path, "a scenario file", BYTES_MAX, tooLong), path.toString());
  }

  /**
   * Reads the bytes of a file.
   *
   * @param what what it should be, with an article
   * @param bytesMax its longest length
   * @param tooLong what to say of a longer file
   * @throws SourceException if it is not a readable, regular file of that length
   */
  public static byte[] bytes(Path path, String what, int bytesMax, String tooLong)
      throws SourceException {
    Position position = Position.of(path.toString());
    if (Files.isDirectory(path)) {
      throw new SourceException(position, "is a directory, not " + what);
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new SourceException(position, "is not a regular file (a pipe or a device)");
    }
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(bytesMax + 1);
      if (bytes.length > bytesMax) {
        throw new SourceException(position, tooLong);
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new SourceException(position, "no such file");
    } catch (AccessDeniedException e) {
      throw new SourceException(position, "permission denied");
    } catch (IOException e) {
      throw new SourceException(position, "cannot be read: " + e.getMessage());
    }
  }

  /** Decodes UTF-8 strictly and refuses control characters. */
  static String decode(byte[] bytes, String source) throws SourceException {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    CharBuffer chars = CharBuffer.allocate(bytes.length);
    CoderResult result = decoder.decode(ByteBuffer.wrap(bytes), chars, true);
    String text = chars.flip().toString();
    int nul = text.indexOf('\0');
    if (nul >= 0) {
      throw new SourceException(at(source, text, nul), "is not a text file (it has a NUL byte)");
    }
    if (result.isError()) {
      throw new SourceException(at(source, text, text.length()), "is not UTF-8 text");
    }
    text = text.startsWith("\uFEFF") ? text.substring(1) : text;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\n' && c != '\r' && c != '\t' && Character.isISOControl(c) && c != '\u0085') {
        String name = String.format("U+%04X", (int) c);
        throw new SourceException(at(source, text, i), "control character " + name);
      }
    }
    return text;
  }

  private static Position at(String source, String text, int index) {
    int line = 1;
    int start = 0;
    for (int i = 0; i < index; i++) {
      if (text.charAt(i) == '\n') {
        line++;
        start = i + 1;
      }
    }
    return new Position(source, line, index - start + 1);
  }
}
