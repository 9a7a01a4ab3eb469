package stallcast.tidy;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Rules about declarations, checked on the syntax tree of the JDK's own parser. */
final class TreeRules extends TreeScanner<Void, Void> {
  static final int METHOD_LINES_MAX = 60;

  /** Names that say nothing about what a class is. */
  private static final Pattern EMPTY_NAME =
      Pattern.compile("\\w*(Manager|Helper|Helpers|Util|Utils|Impl)|Base[A-Z]\\w*");

  private final CompilationUnitTree unit;
  private final SourcePositions positions;
  private final List<String> faults = new ArrayList<>();

  private TreeRules(CompilationUnitTree unit, SourcePositions positions) {
    this.unit = unit;
    this.positions = positions;
  }

  static List<String> faultsIn(String text) {
    JavaFileObject source = new InMemorySource(text);
    JavacTask task =
        (JavacTask)
            ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, diagnostic -> {}, null, null, List.of(source));
    List<String> faults = new ArrayList<>();
    try {
      for (CompilationUnitTree unit : task.parse()) {
        TreeRules rules = new TreeRules(unit, Trees.instance(task).getSourcePositions());
        rules.scan(unit, null);
        faults.addAll(rules.faults);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return faults;
  }

  @Override
  public Void visitClass(ClassTree type, Void unused) {
    if (EMPTY_NAME.matcher(type.getSimpleName()).matches()) {
      faults.add(startLine(type) + ": name the class after what it is: " + type.getSimpleName());
    }
    return super.visitClass(type, null);
  }

  @Override
  public Void visitMethod(MethodTree method, Void unused) {
    long lines = lineMap().getLineNumber(endPosition(method)) - startLine(method) + 1;
    if (lines > METHOD_LINES_MAX) {
      faults.add(
          startLine(method)
              + (": method " + method.getName() + " has " + lines + " lines")
              + (", limit " + METHOD_LINES_MAX));
    }
    return super.visitMethod(method, null);
  }

  private long startLine(Tree tree) {
    return lineMap().getLineNumber(positions.getStartPosition(unit, tree));
  }

  private long endPosition(Tree tree) {
    return positions.getEndPosition(unit, tree);
  }

  private LineMap lineMap() {
    return unit.getLineMap();
  }

  /** A source file that exists only as a string. */
  private static final class InMemorySource extends SimpleJavaFileObject {
    private final String text;

    InMemorySource(String text) {
      super(URI.create("string:///Source.java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
