package stallcast.coordinator.store;

import java.io.FileNotFoundException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;

/** The dataset cannot be written or read; the message is for the user. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Reason reason;

  /** Why it failed. */
  public enum Reason {
    /** The folder that was named cannot be used: bad input, exit code 2. */
    FOLDER,
    /** Disk, permission or network. */
    INPUT_OUTPUT,
    /** A file is damaged, of a newer version or not a dataset. */
    CONTENT
  }

  StoreException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  private StoreException(Reason reason, String message, Exception cause) {
    super(message, cause);
    this.reason = reason;
  }

  /**
   * Says what could not be done and why.
   *
   * @param action what was tried, for example {@code write}
   * @param target file or folder
   */
  static StoreException failed(String action, Object target, Exception cause) {
    return new StoreException(
        Reason.INPUT_OUTPUT, "cannot " + action + " " + target + ": " + plain(cause), cause);
  }

  /** Says why a folder cannot be used for a run that has not begun. */
  static StoreException unusable(Object folder, Exception cause) {
    return new StoreException(
        Reason.FOLDER, "cannot use the folder " + folder + ": " + plain(cause), cause);
  }

  /** Says that the owner's folder is not there any more. */
  static StoreException takenAway(Object folder) {
    return new StoreException(
        Reason.INPUT_OUTPUT,
        "the unfinished part of "
            + folder
            + " is gone: another process has taken the run over, or the folder was moved or"
            + " removed; this process stores nothing more");
  }

  static StoreException damaged(Object target, Exception cause) {
    return new StoreException(
        Reason.CONTENT, target + " is damaged or no Parquet file: " + plain(cause), cause);
  }

  /** Why it failed. */
  public Reason reason() {
    return reason;
  }

  /** The innermost cause as a sentence; JDK exceptions often carry only a path. */
  private static String plain(Exception cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    if (root instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (root instanceof FileAlreadyExistsException) {
      return "it exists already";
    }
    if (root instanceof NoSuchFileException || root instanceof FileNotFoundException) {
      return "no such file or folder";
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }
}
