package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.scenario.LockSpec;

/** Reads {@code locks}: the locks that the guests of every virtual machine have. */
final class LockReader {
  private static final ScalarReader COUNT =
      new ScalarReader(Quantity.WHOLE, Bounds.of(1, LockSpec.COUNT_MAX));

  private LockReader() {}

  /** Reads the locks of a host. */
  static List<LockSpec> read(Cursor host) {
    List<LockSpec> locks = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Cursor item : host.find("locks").map(Cursor::items).orElse(List.of())) {
      String name = item.text("name", "");
      if (!name.isEmpty() && !names.add(name)) {
        item.find("name").orElseThrow().problem("duplicate lock name '" + name + "'");
      }
      Optional<Distribution> count = COUNT.read(item, "count", new Fixed(1));
      LockSpec.Kind kind = // the schema reports others
          LockSpec.Kind.find(item.text("kind", "spin")).orElse(LockSpec.Kind.SPIN);
      count.ifPresent(law -> locks.add(new LockSpec(name, kind, law)));
    }
    return locks;
  }

  /** Names of the locks of a host, whether they can be read or not. */
  static List<String> names(Cursor host) {
    List<Cursor> items = host.find("locks").map(Cursor::items).orElse(List.of());
    return items.stream().map(item -> item.text("name", "")).toList();
  }
}
