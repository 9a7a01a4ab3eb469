package stallcast.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import stallcast.worker.tls.Authority;
import stallcast.worker.tls.Names;
import stallcast.worker.tls.Pem;
import stallcast.worker.tls.TlsFolder;
import stallcast.worker.tls.TlsFolderException;

/** {@code stallcast certs show}: what is in folders of keys, and whether nodes can use it. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    versionProvider = StallcastCommand.Version.class,
    sortOptions = false,
    header = "Shows folders of keys, and whether a node can use them.",
    description =
        "Judges a folder as a node does before it listens. Exit code 1 if one cannot be used or"
            + " ends too soon, so that a timer can watch over them.",
    footerHeading = "%n",
    footer = {
      "Examples:",
      "  stallcast certs show certs/worker-1",
      "  stallcast certs show certs/* --days-left 14 || stallcast certs renew authority certs/*",
    })
final class CertsShowCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "FOLDER", description = "Of a node or an authority.")
  private List<Path> folders = List.of();

  @Option(
      names = "--days-left",
      paramLabel = "N",
      defaultValue = "0",
      description = "Fail if a certificate ends within so many days. Default: ${DEFAULT-VALUE}.")
  private int daysLeft;

  @Override
  public Integer call() {
    if (daysLeft < 0) {
      throw new BadInputException("--days-left must be 0 or more, got " + daysLeft, "");
    }
    PrintWriter out = spec.commandLine().getOut();
    Instant now = Instant.now();
    boolean good = true;
    for (Path folder : folders) {
      List<String> problems = problemsOf(folder, now);
      out.println(folder);
      for (String file : List.of(TlsFolder.CERTIFICATE_FILE, TlsFolder.AUTHORITY_FILE)) {
        problems.addAll(show(folder.resolve(file), now, out));
      }
      problems.forEach(problem -> out.println("  ! " + problem));
      out.println(problems.isEmpty() ? "  good" : "  NOT GOOD");
      good &= problems.isEmpty();
    }
    out.flush();
    return good ? ExitCode.DONE : ExitCode.CHECK_FAILED;
  }

  private static List<String> problemsOf(Path folder, Instant now) {
    try {
      if (Files.exists(folder.resolve(Authority.KEY_FILE))) {
        Authority.open(folder, now);
      } else {
        TlsFolder.read(folder, now);
      }
      return new ArrayList<>();
    } catch (TlsFolderException e) {
      return new ArrayList<>(e.problems());
    }
  }

  /** Shows the certificates of a file; what cannot be read is a problem of the folder already. */
  private List<String> show(Path file, Instant now, PrintWriter out) {
    List<String> problems = new ArrayList<>();
    try {
      for (X509Certificate one :
          Pem.certificates(Files.readString(file, StandardCharsets.ISO_8859_1))) {
        Instant end = one.getNotAfter().toInstant();
        long left = Duration.between(now, end).toDays();
        out.printf("  %-8s %s%n", file.getFileName(), Names.owner(one));
        out.printf("           signed by %s%n", Names.issuer(one));
        out.printf(
            "           %s, valid %s .. %s, %d days left%n",
            one.getPublicKey().getAlgorithm(), one.getNotBefore().toInstant(), end, left);
        out.printf("           SHA-256 %s%n", fingerprint(one));
        if (end.isAfter(now) && left < daysLeft) {
          problems.add(file.getFileName() + " ends in " + left + " days");
        }
      }
    } catch (IOException | GeneralSecurityException e) {
      return problems;
    }
    return problems;
  }

  private static String fingerprint(X509Certificate certificate) throws GeneralSecurityException {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
  }
}
