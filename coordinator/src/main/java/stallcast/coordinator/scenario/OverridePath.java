package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import stallcast.coordinator.scenario.yaml.Field;
import stallcast.coordinator.scenario.yaml.SourceNode;
import stallcast.coordinator.scenario.yaml.SourceNode.ListNode;
import stallcast.coordinator.scenario.yaml.SourceNode.MapNode;
import stallcast.coordinator.scenario.yaml.SourceNode.ScalarNode;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.KernelKnob.Section;

/**
 * Finds the place that a dotted path of {@code --set} means, and puts a value there.
 *
 * <p>Keys may have dots themselves: the longest run of words that is a key wins. Items of lists are
 * found by number, by their {@code name}, or by their only key. A kernel setting may be named
 * alone.
 */
final class OverridePath {
  private final String path;
  private final Field value;

  /**
   * A path with the value that belongs there.
   *
   * @param path as the user wrote it
   * @param value the value, placed at the option
   */
  OverridePath(String path, Field value) {
    this.path = expanded(path);
    this.value = value;
  }

  /** Where the scenario tree has the place; not every path names one there yet. */
  String expanded() {
    return path;
  }

  /** The tree with the value put in; empty if the path leads through something without keys. */
  Optional<SourceNode> set(SourceNode root) {
    return put(new Field(value.position(), "", root), words(path), true);
  }

  /**
   * The tree with the value put in, if it already has that place: for the overrides of a stratum,
   * which would hide the new value.
   *
   * @param prefix the words of the path that lead to the tree
   */
  Optional<SourceNode> replace(SourceNode tree, String prefix) {
    if (!path.startsWith(prefix + ".")) {
      return Optional.empty();
    }
    List<String> words = words(path.substring(prefix.length() + 1));
    return put(new Field(value.position(), "/" + prefix, tree), words, false);
  }

  /** Kernel settings may leave out what leads to them. */
  private static String expanded(String path) {
    String plain = path.replaceAll("\\[([0-9]+)]", ".$1");
    for (KernelKnob knob : KernelKnob.values()) {
      String section = knob.section().key();
      String full = section.isEmpty() ? knob.key() : section + "." + knob.key();
      boolean alone = !section.isEmpty() && knob.section() != Section.FAIR_SERVER;
      if ((alone && plain.equals(knob.key()))
          || (!section.isEmpty() && plain.equals(full))
          || plain.equals("kernel." + full)) {
        return "host.kernel." + full;
      }
    }
    return plain.equals("kernel.preset") ? "host.kernel.preset" : plain;
  }

  private static List<String> words(String path) {
    return Arrays.asList(path.split("\\.", -1));
  }

  private Optional<SourceNode> put(Field at, List<String> words, boolean create) {
    if (words.isEmpty()) {
      return Optional.of(value.value());
    }
    SourceNode node = at.value();
    if (node instanceof ListNode list && isFeatures(at)) {
      node = featureMap(list);
    }
    if (node instanceof ListNode list) {
      return putItem(at, list, words);
    }
    if (!(node instanceof MapNode map)) {
      return Optional.empty();
    }
    int length = keyLength(at, map, words);
    String key = String.join(".", words.subList(0, length));
    Optional<Field> old = map.find(key);
    if (old.isEmpty() && !create) {
      return Optional.empty();
    }
    String keyPath = at.pathOf(key);
    SourceNode below = old.map(Field::value).orElse(new MapNode(java.util.Map.of()));
    Field child = new Field(value.position(), keyPath, below);
    List<String> rest = words.subList(length, words.size());
    Field placed = old.filter(o -> !rest.isEmpty()).orElse(child);
    return put(new Field(placed.position(), keyPath, below), rest, create)
        .map(n -> map.with(key, new Field(placed.position(), keyPath, n)));
  }

  private Optional<SourceNode> putItem(Field at, ListNode list, List<String> words) {
    int index = itemIndex(list, words.get(0));
    if (index < 0) {
      return Optional.empty();
    }
    List<Field> items = new ArrayList<>(list.items());
    Field old = items.get(index);
    boolean byKey = isOnlyKey(old, words.get(0));
    List<String> rest = byKey ? words : words.subList(1, words.size());
    String itemPath = at.path() + "/" + index;
    Field place = rest.isEmpty() ? value : old;
    return put(new Field(old.position(), itemPath, old.value()), rest, true)
        .map(
            n -> {
              items.set(index, new Field(place.position(), itemPath, n));
              return new ListNode(items);
            });
  }

  private static int itemIndex(ListNode list, String word) {
    return IntStream.range(0, list.items().size())
        .filter(i -> Integer.toString(i).equals(word) || isNamed(list.items().get(i), word))
        .findFirst()
        .orElse(-1);
  }

  private static boolean isNamed(Field item, String word) {
    if (!(item.value() instanceof MapNode map)) {
      return false;
    }
    boolean named =
        map.find("name")
            .filter(n -> n.value() instanceof ScalarNode s && s.text().equals(word))
            .isPresent();
    return named || isOnlyKey(item, word);
  }

  private static boolean isOnlyKey(Field item, String word) {
    return item.value() instanceof MapNode map
        && map.fields().size() == 1
        && map.find(word).isPresent();
  }

  /** How many words the key takes: the longest known key, otherwise what the block can hold. */
  private static int keyLength(Field at, MapNode map, List<String> words) {
    for (int n = words.size(); n > 0; n--) {
      if (map.find(String.join(".", words.subList(0, n))).isPresent()) {
        return n;
      }
    }
    boolean dotted =
        at.path().endsWith("/kernel/sysctl")
            || at.path().endsWith("/kernel/boot")
            || at.path().contains("/cgroups/");
    return dotted ? words.size() : 1;
  }

  private static boolean isFeatures(Field at) {
    return at.path().endsWith("/kernel/" + Section.FEATURE.key());
  }

  /** The list form of scheduler features as the map form. */
  private static SourceNode featureMap(ListNode list) {
    MapNode map = new MapNode(java.util.Map.of());
    for (Field item : list.items()) {
      if (item.value() instanceof ScalarNode scalar) {
        boolean off = scalar.text().startsWith("NO_");
        String name = off ? scalar.text().substring("NO_".length()) : scalar.text();
        SourceNode flag = new ScalarNode(ScalarNode.Kind.BOOLEAN, off ? "false" : "true");
        map = map.with(name, new Field(item.position(), item.path(), flag));
      }
    }
    return map;
  }
}
