import com.google.googlejavaformat.java.Main;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Hands every source file to google-java-format, which takes no folders. The build runs this from
 * source, on the JDK that it compiles with: the formatter uses that JDK's parser, and Maven's own
 * JDK may be too old for the language level.
 */
class Format {
  public static void main(String[] args) throws Exception {
    boolean replace = List.of(args).contains("--replace");
    Stream<String> options =
        replace ? Stream.of("--replace") : Stream.of("--dry-run", "--set-exit-if-changed");
    String[] formatterArgs;
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      Stream<String> sources = files.map(Path::toString).filter(file -> file.endsWith(".java"));
      formatterArgs = Stream.concat(options, sources).toArray(String[]::new);
    }

    var out = new PrintWriter(System.out, true);
    var err = new PrintWriter(System.err, true);
    int exitCode = new Main(out, err, System.in).format(formatterArgs);
    if (exitCode != 0 && !replace) {
      err.println("The files above are not formatted. This formats them:");
      err.println("  mvn -q -Pformat process-sources");
    }
    System.exit(exitCode);
  }
}
