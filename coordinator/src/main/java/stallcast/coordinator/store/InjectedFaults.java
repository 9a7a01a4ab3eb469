package stallcast.coordinator.store;

import static java.util.Locale.ROOT;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.OutputFile;

/**
 * A run's folder that fails on purpose at named steps of the commit protocol, for {@code stallcast
 * chaos} and tests. The system property {@code stallcast.faults} lists faults, separated by commas:
 * {@code <before|after>:<step>:<n>:<kill|full|readonly>}, with the n-th time that the step is
 * reached. A step is a name of {@link Step}, a kill ends the process at once like SIGKILL, {@code
 * full} is a disk without space, {@code readonly} a file system that takes no writes.
 */
final class InjectedFaults implements RunFolder {
  private static final String PROPERTY = "stallcast.faults";
  private static final int KILLED = 137; // 128 and the number of SIGKILL

  /** Steps of the protocol at which a run can fail. */
  enum Step {
    CLAIM,
    LOCK,
    TAKE_OVER,
    CREATE,
    APPEND,
    PUBLISH_RUN,
    PUBLISH_OUTCOMES,
    PUBLISH_INCIDENTS,
    PUBLISH_ESTIMATES,
    PUBLISH_SHARDS,
    PUBLISH_MANIFEST,
    PUBLISH_SUCCESS,
    RELEASE
  }

  /** One fault and how often its step still has to be reached. */
  private static final class Fault {
    private final boolean before;
    private final Step step;
    private final String what;
    private int left;

    Fault(String text) {
      String[] words = text.split(":", -1);
      before = words[0].equals("before");
      step = Step.valueOf(words[1]);
      left = Integer.parseInt(words[2]);
      what = words[3];
    }

    void strike(boolean isBefore, Step at) throws IOException {
      if (isBefore != before || at != step || --left != 0) {
        return;
      }
      switch (what) {
        case "kill" -> Runtime.getRuntime().halt(KILLED);
        case "full" -> throw new IOException("No space left on device");
        case "readonly" -> throw new IOException("Read-only file system");
        default -> throw new IllegalArgumentException("no fault: " + what);
      }
    }
  }

  /** A step that may fail by itself. */
  @FunctionalInterface
  private interface Work<T> {
    T run() throws IOException;
  }

  private final RunFolder folder;
  private final List<Fault> faults;

  private InjectedFaults(RunFolder folder, List<Fault> faults) {
    this.folder = folder;
    this.faults = faults;
  }

  /** The folder itself, unless this process was started with faults. */
  static RunFolder around(RunFolder folder) {
    return with(folder, System.getProperty(PROPERTY, ""));
  }

  /** The folder with the faults of a list. */
  static RunFolder with(RunFolder folder, String list) {
    List<Fault> faults = new ArrayList<>();
    for (String text : list.split(",", -1)) {
      if (!text.isBlank()) {
        faults.add(new Fault(text));
      }
    }
    return faults.isEmpty() ? folder : new InjectedFaults(folder, faults);
  }

  private <T> T at(Step step, Work<T> work) throws IOException {
    strike(true, step);
    T result = work.run();
    strike(false, step);
    return result;
  }

  private void strike(boolean before, Step step) throws IOException {
    for (Fault fault : faults) {
      fault.strike(before, step);
    }
  }

  @Override
  public URI uri() {
    return folder.uri();
  }

  @Override
  public List<String> list(String path) throws IOException {
    return folder.list(path);
  }

  @Override
  public void claim() throws IOException {
    at(
        Step.CLAIM,
        () -> {
          folder.claim();
          return folder;
        });
  }

  @Override
  public boolean lock(boolean force) throws IOException {
    return at(Step.LOCK, () -> folder.lock(force));
  }

  @Override
  public Duration lockOutlivesOwner() {
    return folder.lockOutlivesOwner();
  }

  @Override
  public void takeOver() throws IOException {
    at(
        Step.TAKE_OVER,
        () -> {
          folder.takeOver();
          return folder;
        });
  }

  @Override
  public boolean isOurs() throws IOException {
    return folder.isOurs();
  }

  @Override
  public String ownerFolder() throws IOException {
    return folder.ownerFolder();
  }

  @Override
  public OutputFile workParquet(String name) throws IOException {
    return at(Step.CREATE, () -> folder.workParquet(name));
  }

  @Override
  public WorkOutput createWork(String name) throws IOException {
    return new Output(at(Step.CREATE, () -> folder.createWork(name)));
  }

  private final class Output implements WorkOutput {
    private final WorkOutput output;

    Output(WorkOutput output) {
      this.output = output;
    }

    @Override
    public void write(byte[] bytes) throws IOException {
      at(
          Step.APPEND,
          () -> {
            output.write(bytes);
            return bytes;
          });
    }

    @Override
    public void flush() throws IOException {
      output.flush();
    }

    @Override
    public void force() throws IOException {
      output.force();
    }

    @Override
    public void close() throws IOException {
      output.close();
    }
  }

  @Override
  public WorkInput openWork(String name) throws IOException {
    return folder.openWork(name);
  }

  @Override
  public void publish(String workName, String path) throws IOException {
    at(
        published(path),
        () -> {
          folder.publish(workName, path);
          return path;
        });
  }

  private static Step published(String path) {
    if (path.startsWith(WORK)) {
      return Step.PUBLISH_RUN;
    }
    if (path.equals(RunOutput.SUCCESS)) {
      return Step.PUBLISH_SUCCESS;
    }
    if (path.equals(RunManifest.FILE)) {
      return Step.PUBLISH_MANIFEST;
    }
    return Step.valueOf("PUBLISH_" + path.substring(0, path.indexOf('/')).toUpperCase(ROOT));
  }

  @Override
  public InputStream open(String path) throws IOException {
    return folder.open(path);
  }

  @Override
  public InputFile parquet(String path) throws IOException {
    return folder.parquet(path);
  }

  @Override
  public void release() throws IOException {
    at(
        Step.RELEASE,
        () -> {
          folder.release();
          return folder;
        });
  }

  @Override
  public void close() throws IOException {
    folder.close();
  }
}
