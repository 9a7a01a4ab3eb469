package stallcast.coordinator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.coordinator.cli.InProcess;
import stallcast.coordinator.store.DatasetReader;

/** Three worker processes store on HDFS; one of them and the coordinator are killed midway. */
class HdfsClusterTest {
  private static final Path FLEET = Path.of("src/test/resources/fleets/throttled.yaml");
  private static final int HOSTS = 3000; // seconds of work
  private static final int SHARDS = HOSTS / 2;
  private static final long LEASE_SOFT_MS = 3_000; // a minute outside of tests
  private static final long LEASE_HARD_MS = 60_000;

  @TempDir private Path folder;

  private MiniDFSCluster hdfs;
  private final List<OwnProcess> processes = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    hdfs = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    hdfs.waitActive();
    hdfs.setLeasePeriod(LEASE_SOFT_MS, LEASE_HARD_MS);
  }

  @AfterEach
  void stop() {
    processes.forEach(OwnProcess::kill);
    hdfs.shutdown(true);
  }

  private OwnProcess process(String name, Object... words) throws IOException {
    OwnProcess process = OwnProcess.start(folder, name, words);
    processes.add(process);
    return process;
  }

  private OwnProcess coordinator(String name, URI out, String address) throws IOException {
    return process(
        name,
        "coordinator",
        FLEET,
        "--hosts",
        HOSTS,
        "--out",
        out,
        "--resume",
        "--listen",
        address,
        "--shard-size",
        2);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Whether a reader sees results in the journal; they are made visible every second. */
  private boolean isMidway(org.apache.hadoop.fs.Path work) {
    try {
      FileSystem files = hdfs.getFileSystem();
      RemoteIterator<LocatedFileStatus> all = files.listFiles(work, true);
      while (all.hasNext()) {
        org.apache.hadoop.fs.Path file = all.next().getPath();
        if (file.getName().endsWith(".journal")) {
          try (InputStream in = files.open(file)) {
            return in.read() >= 0;
          }
        }
      }
      return false;
    } catch (IOException e) {
      return false; // it is not there yet
    }
  }

  @Test
  void killedProcessesCostNoByte() throws Exception {
    Path local = folder.resolve("local");
    assertEquals(
        0, InProcess.run("run", FLEET, "--hosts", HOSTS, "--out", local, "--quiet").exitCode());
    URI out = URI.create(hdfs.getURI() + "/runs/fleet");
    String address = "127.0.0.1:" + freePort();
    OwnProcess first = coordinator("coordinator-1", out, address);
    for (int i = 0; i < 3; i++) {
      process("worker-" + i, "worker", "--seed-node", address, "--threads", 1);
    }
    var work = new org.apache.hadoop.fs.Path(out.getPath() + "/_work");
    OwnProcess.await("the journal", () -> isMidway(work) || !first.isAlive());
    assertTrue(first.isAlive(), first.err());
    processes.get(2).kill();
    first.kill();
    assertEquals(128 + 9, first.exitCode());
    OwnProcess second = coordinator("coordinator-2", out, address);
    assertEquals(0, second.exitCode(), second.err());
    Matcher goesOn =
        Pattern.compile("going on with ([0-9]+) of " + SHARDS + " shards stored")
            .matcher(second.err());
    assertTrue(goesOn.find(), second.err());
    int stored = Integer.parseInt(goesOn.group(1));
    assertTrue(stored > 0 && stored < SHARDS, () -> stored + " shards were there: not midway");
    DatasetReader dataset = new DatasetReader(out);
    assertTrue(dataset.isComplete());
    assertEquals(
        new DatasetReader(local.toUri()).manifest().reproducibleText(),
        dataset.manifest().reproducibleText());
    assertEquals(0, InProcess.run("verify", out).exitCode());
  }
}
