package stallcast.coordinator.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static stallcast.coordinator.deploy.Manifests.at;
import static stallcast.coordinator.deploy.Manifests.find;
import static stallcast.coordinator.deploy.Manifests.text;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stallcast.coordinator.cli.ExitCode;
import stallcast.coordinator.cli.InProcess;

/** What {@code deploy/kubernetes} says, as far as it can be known without a cluster. */
class KubernetesTest {
  private static final Set<String> NO_OBJECTS = Set.of("kustomization.yaml", "scenario.yaml");
  private static final Set<String> EXIT_CODES_THAT_STAY = Set.of("2", "3", "70");
  private static final int DRAIN_SECONDS = 25;
  private static final String READER = "stallcast-reader"; // no part of a run

  private static List<JsonObject> objects = new ArrayList<>();

  @TempDir private Path folder;

  @BeforeAll
  static void readObjects() throws IOException {
    for (Path file : DeployFolder.files("kubernetes", ".yaml")) {
      if (!NO_OBJECTS.contains(file.getFileName().toString())) {
        objects.addAll(Manifests.read(Files.readString(file)));
      }
    }
  }

  private static JsonElement pod(String job) {
    if (job.equals(READER)) {
      return at(find(objects, "Pod", job), "spec");
    }
    return at(find(objects, "Job", job), "spec", "template", "spec");
  }

  private static List<String> arguments(String job) {
    List<String> words = new ArrayList<>();
    at(pod(job), "containers", 0, "args")
        .getAsJsonArray()
        .forEach(word -> words.add(word.getAsString().replace("$(POD_IP)", "192.0.2.7")));
    return words;
  }

  private static String option(String job, String name) {
    return arguments(job).stream()
        .filter(word -> word.startsWith(name + "="))
        .map(word -> word.substring(name.length() + 1))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void mistypedFieldIsFound() throws IOException {
    String yaml = Files.readString(DeployFolder.ROOT.resolve("kubernetes/workers.yaml"));
    String mistyped = yaml.replace("automountServiceAccountToken", "automountServiceAccountTokens");
    assertThrows(IllegalArgumentException.class, () -> Manifests.read(mistyped));
  }

  @ParameterizedTest
  @ValueSource(strings = {"stallcast-coordinator", "stallcast-workers", READER})
  void podsAreHardened(String job) {
    JsonElement pod = pod(job);
    assertFalse(at(pod, "automountServiceAccountToken").getAsBoolean());
    assertTrue(at(pod, "securityContext", "runAsNonRoot").getAsBoolean());
    assertEquals("RuntimeDefault", text(pod, "securityContext", "seccompProfile", "type"));
    JsonElement own = at(pod, "containers", 0, "securityContext");
    assertFalse(at(own, "allowPrivilegeEscalation").getAsBoolean());
    assertTrue(at(own, "readOnlyRootFilesystem").getAsBoolean());
    assertEquals("[\"ALL\"]", at(own, "capabilities", "drop").toString());
    assertTrue(at(pod, "containers", 0, "resources", "limits", "memory").isJsonPrimitive());
    for (JsonElement mount : at(pod, "containers", 0, "volumeMounts").getAsJsonArray()) {
      boolean writable =
          Set.of("/tmp", "/runs").contains(text(mount, "mountPath")) && !job.equals(READER);
      assertEquals(writable, !mount.getAsJsonObject().has("readOnly"), mount::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"stallcast-coordinator", "stallcast-workers"})
  void killDoesNotComeBeforeAWorkerHasDrained(String job) {
    assertTrue(at(pod(job), "terminationGracePeriodSeconds").getAsInt() > DRAIN_SECONDS + 5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"stallcast-coordinator", "stallcast-workers"})
  void keysAreReadableByThePodAlone(String job) {
    for (JsonElement volume : at(pod(job), "volumes").getAsJsonArray()) {
      if (text(volume, "name").equals("tls")) {
        assertEquals(0440, at(volume, "secret", "defaultMode").getAsInt());
        assertEquals(
            at(pod(job), "securityContext", "runAsGroup"),
            at(pod(job), "securityContext", "fsGroup"));
        return;
      }
    }
    throw new AssertionError("no keys");
  }

  @ParameterizedTest
  @ValueSource(strings = {"stallcast-coordinator", "stallcast-workers"})
  void argumentsAreOurs(String job) {
    InProcess.parse(arguments(job));
    assertEquals("/etc/stallcast/tls", option(job, "--tls-dir"));
    assertFalse(arguments(job).contains("--insecure-network"));
  }

  @Test
  void workersFindTheCoordinatorByTheNameThatItsPodHas() {
    JsonObject job = find(objects, "Job", "stallcast-coordinator");
    assertEquals("Indexed", text(job, "spec", "completionMode"));
    String service = text(pod("stallcast-coordinator"), "subdomain");
    String namespace =
        text(
            objects.stream()
                .filter(o -> text(o, "kind").equals("Namespace"))
                .findFirst()
                .orElseThrow(),
            "metadata",
            "name");
    String expected =
        text(job, "metadata", "name")
            + "-0."
            + service
            + "."
            + namespace
            + ".svc.cluster.local:25520";
    assertEquals(expected, option("stallcast-coordinator", "--listen"));
    assertEquals(expected, option("stallcast-workers", "--seed-node"));
    JsonElement spec = at(find(objects, "Service", service), "spec");
    assertEquals("None", text(spec, "clusterIP"));
    assertEquals(25520, at(spec, "ports", 0, "port").getAsInt());
    assertEquals(at(spec, "selector"), labels("stallcast-coordinator"));
    int workers = at(find(objects, "Job", "stallcast-workers"), "spec", "parallelism").getAsInt();
    assertEquals(Integer.toString(workers), option("stallcast-coordinator", "--workers"));
  }

  private static JsonElement labels(String job) {
    return at(find(objects, "Job", job), "spec", "template", "metadata", "labels");
  }

  @Test
  void portsAgreeEverywhere() {
    Set<Integer> listening = new TreeSet<>();
    for (String job : List.of("stallcast-coordinator", "stallcast-workers")) {
      JsonElement container = at(pod(job), "containers", 0);
      int port = at(container, "ports", 0, "containerPort").getAsInt();
      assertTrue(option(job, "--listen").endsWith(":" + port));
      assertTrue(option(job, "--status").endsWith(":9464"));
      assertEquals(9464, at(container, "ports", 1, "containerPort").getAsInt());
      assertEquals("status", text(container, "livenessProbe", "httpGet", "port"));
      assertEquals("/health/live", text(container, "livenessProbe", "httpGet", "path"));
      for (String probe : List.of("startupProbe", "readinessProbe")) {
        assertEquals(
            text(container, "ports", 0, "name"), text(container, probe, "tcpSocket", "port"));
      }
      listening.add(port);
    }
    JsonElement policy = at(find(objects, "NetworkPolicy", "stallcast"), "spec");
    for (String way : List.of("ingress", "egress")) {
      Set<Integer> open = new TreeSet<>();
      at(policy, way, 0, "ports").getAsJsonArray().forEach(p -> open.add(at(p, "port").getAsInt()));
      assertEquals(listening, open, way);
    }
    assertEquals(9464, at(policy, "ingress", 1, "ports", 0, "port").getAsInt());
  }

  @Test
  void policiesSelectOurPods() {
    JsonElement network =
        at(find(objects, "NetworkPolicy", "stallcast"), "spec", "podSelector", "matchLabels");
    JsonElement budget =
        at(
            find(objects, "PodDisruptionBudget", "stallcast-coordinator"),
            "spec",
            "selector",
            "matchLabels");
    assertTrue(selects(network, labels("stallcast-coordinator")));
    assertTrue(selects(network, labels("stallcast-workers")));
    assertTrue(selects(budget, labels("stallcast-coordinator")));
    assertFalse(selects(budget, labels("stallcast-workers")));
  }

  private static boolean selects(JsonElement wanted, JsonElement labels) {
    return labels.getAsJsonObject().entrySet().containsAll(wanted.getAsJsonObject().entrySet());
  }

  @ParameterizedTest
  @ValueSource(strings = {"stallcast-coordinator", "stallcast-workers"})
  void exitCodesThatWouldComeAgainEndTheJobAndDisruptionsDoNot(String job) {
    Set<String> ends = new TreeSet<>();
    JsonElement rules = at(find(objects, "Job", job), "spec", "podFailurePolicy", "rules");
    assertEquals("Ignore", text(rules, 0, "action"));
    assertEquals("DisruptionTarget", text(rules, 0, "onPodConditions", 0, "type"));
    for (JsonElement rule : rules.getAsJsonArray()) {
      if (text(rule, "action").equals("FailJob")) {
        assertEquals(
            text(pod(job), "containers", 0, "name"), text(rule, "onExitCodes", "containerName"));
        at(rule, "onExitCodes", "values").getAsJsonArray().forEach(v -> ends.add(v.getAsString()));
      }
    }
    assertEquals(EXIT_CODES_THAT_STAY, ends);
    assertTrue(
        ends.containsAll(
            List.of(
                "" + ExitCode.BAD_INPUT,
                "" + ExitCode.HOSTS_FAILED,
                "" + ExitCode.INTERNAL_ERROR)));
  }

  @Test
  void scenarioIsOne() {
    InProcess.Printed check =
        InProcess.run("check", DeployFolder.ROOT.resolve("kubernetes/scenario.yaml"));
    assertEquals(0, check.exitCode(), check.err());
  }

  @Test
  void kustomizeRendersWhatTheTypesAllow() throws Exception {
    assumeTrue(DeployFolder.has("kubectl"), "no kubectl here: the rendered form is not checked");
    DeployFolder.Printed rendered =
        DeployFolder.run(
            folder.resolve("rendered.yaml"),
            "kubectl",
            "kustomize",
            DeployFolder.ROOT.resolve("kubernetes").toString());
    assertEquals(0, rendered.exitCode(), rendered.text());
    List<JsonObject> found = Manifests.read(rendered.text());
    assertEquals(objects.size(), found.size(), "the scenario instead of the reader");
    for (JsonObject object : found) {
      if (!text(object, "kind").equals("Namespace")) {
        assertEquals("stallcast", text(object, "metadata", "namespace"), object::toString);
      }
    }
    JsonElement volumes =
        at(find(found, "Job", "stallcast-coordinator"), "spec", "template", "spec", "volumes");
    String scenario = text(volumes, 0, "configMap", "name");
    assertTrue(
        text(find(found, "ConfigMap", scenario), "data", "scenario.yaml").contains("horizon:"));
  }
}
