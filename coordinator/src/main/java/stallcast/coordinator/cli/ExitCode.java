package stallcast.coordinator.cli;

/** Exit codes of the command line, the same for every subcommand. */
public final class ExitCode {
  public static final int DONE = 0;
  public static final int CHECK_FAILED = 1;
  public static final int BAD_INPUT = 2;
  public static final int HOSTS_FAILED = 3;

  /** A defect in Stallcast itself; 70 is {@code EX_SOFTWARE} of {@code sysexits.h}. */
  public static final int INTERNAL_ERROR = 70;

  /** Ended by Ctrl-C: 128 and the number of SIGINT, as shells count. */
  public static final int INTERRUPTED = 130;

  private ExitCode() {}
}
