package stallcast.worker.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the status port answers, and what it does not. */
class StatusServerTest {
  private final Metrics metrics = new Metrics();
  private Optional<String> illness = Optional.empty();
  private Optional<String> idleness = Optional.empty();
  private StatusServer server;

  @BeforeEach
  void start() throws IOException {
    server = new StatusServer("127.0.0.1", 0, metrics, () -> illness, () -> idleness);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HttpResponse<String> send(String method, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    HttpRequest request =
        HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void metricsHaveTheFormOfPrometheus() throws Exception {
    metrics.gauge("shards", "Shards by state.", "state", "done", () -> 3);
    metrics.gauge("rate", "Hosts per second.", () -> 1234.5678);
    metrics.gauge("shards", "Shards by state.", "state", "a\"b\\", () -> 1e20);
    metrics.counter("events", "Timer expiries.", () -> 20_000_000_000.0);
    HttpResponse<String> answer = send("GET", "/metrics");
    assertEquals(200, answer.statusCode());
    assertTrue(answer.headers().firstValue("Content-Type").orElseThrow().contains("0.0.4"));
    String expected =
        """
        # HELP stallcast_shards Shards by state.
        # TYPE stallcast_shards gauge
        stallcast_shards{state="done"} 3
        stallcast_shards{state="a\\"b\\\\"} 1.00000e+20
        # HELP stallcast_rate Hosts per second.
        # TYPE stallcast_rate gauge
        stallcast_rate 1234.57
        # HELP stallcast_events_total Timer expiries.
        # TYPE stallcast_events_total counter
        stallcast_events_total 20000000000
        """;
    assertTrue(answer.body().endsWith(expected), answer.body());
    assertTrue(answer.body().contains("\nstallcast_memory_used_bytes "), answer.body());
  }

  @Test
  void healthSaysWhatIsWrong() throws Exception {
    assertEquals(200, send("GET", "/health/live").statusCode());
    assertEquals(200, send("GET", "/health/ready").statusCode());
    idleness = Optional.of("there is no worker");
    assertEquals(200, send("GET", "/health/live").statusCode());
    HttpResponse<String> ready = send("GET", "/health/ready");
    assertEquals(503, ready.statusCode());
    assertEquals("there is no worker\n", ready.body());
    illness = Optional.of("it hangs");
    assertEquals(503, send("GET", "/health/live").statusCode());
  }

  @Test
  void nothingCanBeChangedAndNothingElseBeRead() throws Exception {
    for (String method : new String[] {"POST", "PUT", "DELETE"}) {
      assertEquals(405, send(method, "/metrics").statusCode(), method);
    }
    assertEquals(200, send("HEAD", "/metrics").statusCode());
    for (String path : new String[] {"/", "/metrics/..", "/health", "/etc/passwd"}) {
      assertEquals(404, send("GET", path).statusCode(), path);
    }
  }
}
