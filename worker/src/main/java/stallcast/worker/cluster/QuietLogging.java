package stallcast.worker.cluster;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.status.NopStatusListener;
import org.slf4j.LoggerFactory;

/**
 * Logs quietly: human lines from WARN on, on stderr. {@code STALLCAST_LOG=INFO} (or DEBUG) in the
 * environment tells more; {@code STALLCAST_LOG_FORMAT=json} writes JSON lines, with the ids of run,
 * shard and worker as values of their own; {@code -Dlogback.configurationFile=...} replaces all of
 * it.
 *
 * <p>In code and not in a file, because reading the XML costs a fifth of a second at every start.
 */
public final class QuietLogging extends ContextAwareBase implements Configurator {

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    if (System.getProperty("logback.configurationFile") != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    context.getStatusManager().add(new NopStatusListener());
    Encoder<ILoggingEvent> encoder = encoder();
    encoder.setContext(context);
    encoder.start();
    ConsoleAppender<ILoggingEvent> stderr = new ConsoleAppender<>();
    stderr.setContext(context);
    stderr.setTarget("System.err");
    stderr.setEncoder(encoder);
    stderr.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.toLevel(System.getenv("STALLCAST_LOG"), Level.WARN));
    root.addAppender(stderr);
    // Says at every start that native code is absent, which Stallcast does not need.
    context.getLogger("org.apache.hadoop.util.NativeCodeLoader").setLevel(Level.ERROR);
    // Warns of every closed TCP connection; whether that matters is what the cluster's lines say.
    context.getLogger("org.apache.pekko.stream.Materializer").setLevel(Level.ERROR);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static Encoder<ILoggingEvent> encoder() {
    if ("json".equalsIgnoreCase(System.getenv("STALLCAST_LOG_FORMAT"))) {
      JsonEncoder json = new JsonEncoder();
      json.setWithMessage(false);
      json.setWithArguments(false);
      json.setWithMDC(false);
      json.setWithFormattedMessage(true);
      return json;
    }
    PatternLayoutEncoder lines = new PatternLayoutEncoder();
    lines.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{0}: %msg%n%ex{short}");
    return lines;
  }

  /** Adds a value, such as the id of the run, to every JSON line from now on. */
  public static void mark(String key, String value) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.putProperty(key, value);
    }
  }
}
