package stallcast.coordinator.scenario.yaml;

/**
 * A value at its place: an entry of a map, an item of a list, or a document. Merging keeps the
 * place, so that a problem points at what the user wrote.
 *
 * @param position where the key (or the item) stands
 * @param path JSON pointer within the document it was written in
 * @param value what stands there
 */
public record Field(Position position, String path, SourceNode value) {

  /** The key, or for an item of a list the key of the list with the index. */
  public String name() {
    if (path.isEmpty()) {
      return "the scenario";
    }
    int slash = path.lastIndexOf('/');
    String last = path.substring(slash + 1).replace("~1", "/").replace("~0", "~");
    boolean item = slash > 0 && !last.isEmpty() && last.chars().allMatch(Character::isDigit);
    if (!item) {
      return last;
    }
    String list = new Field(position, path.substring(0, slash), value).name();
    return list + "[" + last + "]";
  }

  /** The path of a key below this value, whether it exists or not. */
  public String pathOf(String key) {
    return path + "/" + key.replace("~", "~0").replace("/", "~1");
  }
}
