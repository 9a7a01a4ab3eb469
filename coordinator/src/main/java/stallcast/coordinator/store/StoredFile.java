package stallcast.coordinator.store;

/**
 * A published file of a run.
 *
 * @param path path relative to the run
 * @param table table it belongs to
 * @param rows its rows
 * @param bytes its length
 * @param sha256 its SHA-256, hexadecimal
 */
public record StoredFile(String path, String table, long rows, long bytes, String sha256) {}
