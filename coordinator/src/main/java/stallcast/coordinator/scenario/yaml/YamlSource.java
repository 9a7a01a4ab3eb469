package stallcast.coordinator.scenario.yaml;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * YAML 1.2 text to {@link SourceNode} trees, for input that nobody vouches for.
 *
 * <p>The events are looked at before anything is composed, because the composer recurses: nesting,
 * tags and aliases are bounded there. What is left is composed with marks and converted with a
 * bound on the number of values, so that aliases cannot multiply them. Scalars are read as JSON
 * reads them: {@code yes}, {@code 010} and {@code .nan} are texts.
 */
public final class YamlSource {
  /** Deepest nesting of maps and lists. */
  public static final int DEPTH_MAX = 64;

  /** Most values of one file, aliases expanded. */
  public static final int VALUES_MAX = 100_000;

  private static final int ALIASES_MAX = 1_000;
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");

  private final String source;
  private final LoadSettings settings;
  private final Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());
  private int values;
  private int lastLine;

  private YamlSource(String source) {
    this.source = source;
    this.settings =
        LoadSettings.builder()
            .setLabel(source)
            .setUseMarks(true)
            .setAllowNonScalarKeys(true)
            .build();
  }

  /**
   * Reads every document of a text.
   *
   * @param text the text
   * @param source what messages call it
   * @return the documents that hold anything, in order
   * @throws SourceException at the first fault
   */
  public static List<Field> read(String text, String source) throws SourceException {
    return new YamlSource(source).documents(text);
  }

  private List<Field> documents(String text) throws SourceException {
    lastLine = (int) Math.max(1, text.lines().count());
    try {
      inspect(text);
      List<Field> documents = new ArrayList<>();
      for (Node node : new Compose(settings).composeAllFromString(text)) {
        SourceNode value = convert(node, "");
        boolean blank =
            value instanceof SourceNode.ScalarNode scalar
                && scalar.kind() == SourceNode.ScalarNode.Kind.NULL;
        if (!blank) {
          documents.add(new Field(position(node.getStartMark()), "", value));
        }
      }
      return documents;
    } catch (MarkedYamlEngineException e) {
      throw new SourceException(position(faultMark(e, text)), "not valid YAML: " + words(e));
    } catch (YamlEngineException e) {
      String problem = String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable");
      throw new SourceException(
          new Position(source, 1, 1), "not valid YAML: " + SourceNode.shortened(problem));
    }
  }

  /** Where the fault is; where its construct begins if it only shows at the end of the text. */
  private static Optional<Mark> faultMark(MarkedYamlEngineException e, String text) {
    int end = text.codePointCount(0, text.stripTrailing().length());
    return e.getProblemMark().filter(m -> m.getIndex() <= end).or(e::getContextMark);
  }

  private static String words(MarkedYamlEngineException e) {
    String problem = e.getProblem() == null ? "" : e.getProblem();
    if (problem.contains("TAB")) {
      return "a tab cannot indent, use blanks";
    }
    String context = e.getContext() == null ? "" : e.getContext();
    String both = (context + (context.isEmpty() || problem.isEmpty() ? "" : ", ") + problem);
    return both.replaceAll("\\s+", " ").replaceAll("[^\\x20-\\x7e]", "?");
  }

  /** Bounds what the composer will see. */
  private void inspect(String text) throws SourceException {
    int depth = 0;
    int aliases = 0;
    for (Event event : new Parse(settings).parseString(text)) {
      if (event instanceof CollectionStartEvent start) {
        depth++;
        if (depth > DEPTH_MAX) {
          throw fault(event.getStartMark(), "nested deeper than " + DEPTH_MAX + " levels");
        }
        refuseTag(start.getTag(), event);
      } else if (event instanceof CollectionEndEvent) {
        depth--;
      } else if (event instanceof ScalarEvent scalar) {
        refuseTag(scalar.getTag(), event);
      } else if (event instanceof AliasEvent) {
        aliases++;
        if (aliases > ALIASES_MAX) {
          throw fault(event.getStartMark(), "more than " + ALIASES_MAX + " aliases");
        }
      }
    }
  }

  private void refuseTag(Optional<String> tag, Event event) throws SourceException {
    if (tag.isPresent()) {
      String shown = SourceNode.shortened(tag.get().replace("tag:yaml.org,2002:", "!!"));
      throw fault(event.getStartMark(), "tags are not allowed, found " + shown);
    }
  }

  private SourceNode convert(Node node, String path) throws SourceException {
    values++;
    if (values > VALUES_MAX) {
      throw fault(node.getStartMark(), "more than 100000 values once aliases are expanded");
    }
    if (node instanceof org.snakeyaml.engine.v2.nodes.ScalarNode scalar) {
      return scalar(scalar);
    }
    if (!open.add(node)) {
      throw fault(node.getStartMark(), "an alias contains itself");
    }
    SourceNode converted =
        node instanceof MappingNode map ? map(map, path) : list((SequenceNode) node, path);
    open.remove(node);
    return converted;
  }

  private SourceNode list(SequenceNode node, String path) throws SourceException {
    List<Field> items = new ArrayList<>();
    for (Node item : node.getValue()) {
      String at = path + "/" + items.size();
      items.add(new Field(position(item.getStartMark()), at, convert(item, at)));
    }
    return new SourceNode.ListNode(items);
  }

  private SourceNode map(MappingNode node, String path) throws SourceException {
    Map<String, Field> fields = new LinkedHashMap<>();
    for (NodeTuple entry : node.getValue()) {
      Node keyNode = entry.getKeyNode();
      if (!(keyNode instanceof org.snakeyaml.engine.v2.nodes.ScalarNode keyScalar)) {
        throw fault(keyNode.getStartMark(), "a key must be a single word, not a map or a list");
      }
      String key = keyScalar.getValue();
      if (key.equals("<<") && keyScalar.getScalarStyle() == ScalarStyle.PLAIN) {
        throw fault(keyNode.getStartMark(), "merge keys (<<) are not part of YAML 1.2");
      }
      Position position = position(keyNode.getStartMark());
      Field twin = fields.get(key);
      if (twin != null) {
        String first = "the first is in line " + twin.position().line();
        throw new SourceException(
            position, "duplicate key '" + SourceNode.shortened(key) + "', " + first);
      }
      Field parent = new Field(position, path, new SourceNode.MapNode(Map.of()));
      String at = parent.pathOf(key);
      fields.put(key, new Field(position, at, convert(entry.getValueNode(), at)));
    }
    return new SourceNode.MapNode(fields);
  }

  private static SourceNode scalar(org.snakeyaml.engine.v2.nodes.ScalarNode node) {
    String text = node.getValue();
    SourceNode.ScalarNode.Kind kind = SourceNode.ScalarNode.Kind.TEXT;
    if (node.getScalarStyle() == ScalarStyle.PLAIN) {
      kind = plainKind(text);
    }
    return new SourceNode.ScalarNode(kind, text);
  }

  private static SourceNode.ScalarNode.Kind plainKind(String text) {
    return switch (text) {
      case "", "~", "null" -> SourceNode.ScalarNode.Kind.NULL;
      case "true", "false" -> SourceNode.ScalarNode.Kind.BOOLEAN;
      default ->
          text.length() <= 64 && NUMBER.matcher(text).matches()
              ? SourceNode.ScalarNode.Kind.NUMBER
              : SourceNode.ScalarNode.Kind.TEXT;
    };
  }

  private SourceException fault(Optional<Mark> mark, String message) {
    return new SourceException(position(mark), message);
  }

  private Position position(Optional<Mark> mark) {
    // The end of the text is behind its last line.
    return mark.filter(m -> m.getLine() < lastLine)
        .map(m -> new Position(source, m.getLine() + 1, m.getColumn() + 1))
        .orElse(new Position(source, mark.isPresent() ? lastLine : 1, 1));
  }
}
