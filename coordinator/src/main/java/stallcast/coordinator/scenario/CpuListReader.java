package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import stallcast.kernel.scenario.CpuSelection;

/**
 * Reads {@code cpus}: {@code all}, {@code each}, {@code shuffled}, a CPU number or a list such as
 * {@code 0-3,8}.
 */
final class CpuListReader {
  private static final Pattern RANGE = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");

  private final int cpusMin;
  private final boolean each;

  /**
   * A reader.
   *
   * @param cpusMin CPUs of the smallest host that may be drawn
   * @param each whether {@code each} and {@code shuffled} are legal
   */
  CpuListReader(int cpusMin, boolean each) {
    this.cpusMin = cpusMin;
    this.each = each;
  }

  /** Reads the key {@code cpus} of a map; {@code all} if it is missing. */
  Optional<CpuSelection> read(Cursor map) {
    Optional<Cursor> at = map.find("cpus");
    if (at.isEmpty()) {
      return Optional.of(new CpuSelection.All());
    }
    if (at.get().isMap() && each) {
      return perTask(at.get());
    }
    String text = at.get().text().orElse("");
    if (text.equals("all")) {
      return Optional.of(new CpuSelection.All());
    }
    if (text.equals("each") && each) {
      return Optional.of(new CpuSelection.Each());
    }
    if (text.equals("shuffled") && each) {
      return Optional.of(new CpuSelection.Shuffled());
    }
    return list(text, at.get()).map(CpuSelection.Listed::new);
  }

  /** Forms that give each task one of the listed CPUs. */
  private Optional<CpuSelection> perTask(Cursor at) {
    Optional<Cursor> pinned = at.find("each");
    Optional<Cursor> disabled = at.find("migration-disabled");
    if (at.keys().size() != 1 || (pinned.isEmpty() && disabled.isEmpty())) {
      return Optional.empty(); // the schema reports it
    }
    if (pinned.isPresent()) {
      return list(pinned.get().text().orElse(""), pinned.get()).map(CpuSelection.EachOf::new);
    }
    return list(disabled.get().text().orElse(""), disabled.get())
        .map(CpuSelection.MigrationDisabled::new);
  }

  private Optional<List<Integer>> list(String text, Cursor at) {
    TreeSet<Integer> cpus = new TreeSet<>();
    for (String part : text.split(",", -1)) {
      Matcher range = RANGE.matcher(part.trim());
      if (!range.matches()) {
        String words = each ? "all, each, shuffled" : "all";
        return fault(
            at,
            "cpus must be "
                + words
                + ", a CPU number or a list such as 0-3,8, got "
                + at.node().words());
      }
      int first = Integer.parseInt(range.group(1));
      int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
      if (last < first) {
        return fault(at, "cpus: the range " + part.trim() + " is empty");
      }
      if (last >= cpusMin) {
        return fault(
            at,
            "cpus: CPU "
                + last
                + " does not exist on a host with "
                + cpusMin
                + " CPUs (the fewest that can be drawn), legal: 0-"
                + (cpusMin - 1));
      }
      for (int cpu = first; cpu <= last; cpu++) {
        cpus.add(cpu);
      }
    }
    return Optional.of(new ArrayList<>(cpus));
  }

  private static Optional<List<Integer>> fault(Cursor at, String message) {
    ScalarReader.fault(at, at.field(), message);
    return Optional.empty();
  }
}
