package stallcast.coordinator.deploy;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Kubernetes objects in YAML, held against the types of Kubernetes' own API. */
final class Manifests {
  private static final Map<String, TypeCheck> TYPES =
      Map.of(
          "v1 Namespace", V1Namespace::validateJsonElement,
          "v1 Service", V1Service::validateJsonElement,
          "v1 ConfigMap", V1ConfigMap::validateJsonElement,
          "v1 Pod", V1Pod::validateJsonElement,
          "v1 PersistentVolumeClaim", V1PersistentVolumeClaim::validateJsonElement,
          "batch/v1 Job", V1Job::validateJsonElement,
          "policy/v1 PodDisruptionBudget", V1PodDisruptionBudget::validateJsonElement,
          "networking.k8s.io/v1 NetworkPolicy", V1NetworkPolicy::validateJsonElement);

  private Manifests() {}

  /** Refuses what is no object of its type. */
  private interface TypeCheck {
    void check(JsonElement object) throws IOException;
  }

  /**
   * Reads objects.
   *
   * @throws IllegalArgumentException if a field is unknown, is missing or has another type
   */
  static List<JsonObject> read(String yaml) throws IOException {
    List<JsonObject> objects = new ArrayList<>();
    for (Object one : new Load(LoadSettings.builder().build()).loadAllFromString(yaml)) {
      JsonObject object = new Gson().toJsonTree(one).getAsJsonObject();
      String type = text(object, "apiVersion") + " " + text(object, "kind");
      TypeCheck check = TYPES.get(type);
      if (check == null) {
        throw new IllegalArgumentException("unknown type " + type);
      }
      check.check(object);
      objects.add(object);
    }
    return objects;
  }

  /** The object of a kind and a name. */
  static JsonObject find(List<JsonObject> objects, String kind, String name) {
    return objects.stream()
        .filter(o -> text(o, "kind").equals(kind) && text(o, "metadata", "name").equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no " + kind + " " + name));
  }

  /** What stands at a path of keys; a number is an index. */
  static JsonElement at(JsonElement from, Object... path) {
    JsonElement here = from;
    for (Object step : path) {
      here =
          step instanceof Integer index
              ? here.getAsJsonArray().get(index)
              : here.getAsJsonObject().get(step.toString());
      if (here == null) {
        throw new IllegalArgumentException("nothing at " + step + " of " + List.of(path));
      }
    }
    return here;
  }

  static String text(JsonElement from, Object... path) {
    return at(from, path).getAsString();
  }
}
