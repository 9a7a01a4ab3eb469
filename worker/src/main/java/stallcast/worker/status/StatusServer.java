package stallcast.worker.status;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Answers {@code /metrics}, {@code /health/live} and {@code /health/ready} over HTTP, and nothing
 * else: nothing can be changed, and no data of a run be read.
 */
public final class StatusServer implements Closeable {
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int NOT_ALLOWED = 405;
  private static final int UNAVAILABLE = 503;
  private static final String TEXT = "text/plain; charset=utf-8";

  private final HttpServer server;
  private final ExecutorService thread;

  /**
   * Listens.
   *
   * @param host address of this machine; the caller decides who reaches it
   * @param port 0 for any free one
   * @param metrics what {@code /metrics} says
   * @param illness why the process should be killed; empty while it is well
   * @param idleness why it does no work; empty while it does
   * @throws IOException if the address cannot be used
   */
  public StatusServer(
      String host,
      int port,
      Metrics metrics,
      Supplier<Optional<String>> illness,
      Supplier<Optional<String>> idleness)
      throws IOException {
    server = HttpServer.create(new InetSocketAddress(host, port), 0);
    thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread created = new Thread(work, "status");
              created.setDaemon(true);
              return created;
            });
    server.setExecutor(thread);
    server.createContext(
        "/",
        exchange -> {
          switch (exchange.getRequestURI().getPath()) {
            case "/metrics" ->
                answer(exchange, OK, "text/plain; version=0.0.4; charset=utf-8", metrics.text());
            case "/health/live" -> health(exchange, illness.get());
            case "/health/ready" -> health(exchange, idleness.get());
            default -> answer(exchange, NOT_FOUND, TEXT, "there is nothing here\n");
          }
        });
    server.start();
  }

  private static void health(HttpExchange exchange, Optional<String> trouble) throws IOException {
    answer(exchange, trouble.isEmpty() ? OK : UNAVAILABLE, TEXT, trouble.orElse("ok") + "\n");
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    try (exchange) {
      boolean reads = exchange.getRequestMethod().matches("GET|HEAD");
      byte[] body = (reads ? text : "read only\n").getBytes(StandardCharsets.UTF_8);
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(reads ? status : NOT_ALLOWED, head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  @Override
  public void close() {
    server.stop(0);
    thread.shutdown();
  }
}
