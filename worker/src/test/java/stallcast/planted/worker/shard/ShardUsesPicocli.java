package stallcast.planted.worker.shard;

import picocli.CommandLine;

/** Planted: only the command line knows picocli. */
public final class ShardUsesPicocli {
  CommandLine commandLine;
}
