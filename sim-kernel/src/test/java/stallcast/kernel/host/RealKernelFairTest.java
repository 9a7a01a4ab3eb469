package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Workloads that were measured on real kernels (real-kernel/cases.json, group c-eevdf), replayed:
 * the median over runs with random tick phases must lie in the band of the measurement.
 */
class RealKernelFairTest {
  private static final int RUNS = 21;

  static List<FairReplay> cases() throws IOException {
    List<FairReplay> cases = new ArrayList<>();
    try (InputStream in = RealKernelFairTest.class.getResourceAsStream("/real-kernel/fair.txt")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.split("\n", -1)) {
        String[] fields = line.split("\\|", -1);
        if (fields[0].equals("C")) {
          cases.add(new FairReplay(fields));
        } else if (fields.length > 1) {
          cases.get(cases.size() - 1).add(fields);
        }
      }
    }
    return cases;
  }

  /** Median over the runs of every metric. */
  private static Map<String, Double> medians(FairReplay replay) {
    Map<String, List<Double>> values = new TreeMap<>();
    for (int run = 0; run < RUNS; run++) {
      replay
          .run(run + 1)
          .forEach(
              (name, value) -> values.computeIfAbsent(name, n -> new ArrayList<>()).add(value));
    }
    Map<String, Double> medians = new TreeMap<>();
    values.forEach(
        (name, list) -> medians.put(name, list.stream().sorted().toList().get(list.size() / 2)));
    return medians;
  }

  @Test
  void mostMetricsAreInTheBandOfTheMeasurement() throws IOException {
    int inside = 0;
    int all = 0;
    StringBuilder outside = new StringBuilder();
    for (FairReplay replay : cases()) {
      Map<String, Double> medians = medians(replay);
      for (Map.Entry<String, double[]> metric : new TreeMap<>(replay.measured()).entrySet()) {
        double[] band = metric.getValue();
        double got = medians.getOrDefault(metric.getKey(), Double.NaN);
        boolean fits = got >= band[1] && got <= band[2];
        if (band[3] == 0) {
          all++;
          inside += fits ? 1 : 0;
        }
        if (!fits) {
          outside.append(
              String.format(
                  "%s%s %s: %.4f not in %.4f..%.4f (median %.4f)%n",
                  band[3] == 0 ? "" : "(weak) ",
                  replay.id(),
                  metric.getKey(),
                  got,
                  band[1],
                  band[2],
                  band[0]));
        }
      }
    }
    assertTrue(inside >= 0.9 * all, inside + " of " + all + "\n" + outside);
  }
}
