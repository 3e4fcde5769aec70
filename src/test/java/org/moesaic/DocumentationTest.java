package org.moesaic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.moesaic.check.CheckReport.Verdict;
import org.moesaic.check.Checker;
import org.moesaic.cli.Main;
import org.moesaic.json.NotInFile;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plans;
import org.moesaic.pricing.Rule;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;

/** What README.md and docs/format.md say is so. */
class DocumentationTest {
  private static final Path README = Path.of("README.md");
  private static final Path FORMAT = Path.of("docs/format.md");
  private static final Path HAND_SIZED = Path.of("problems/01-hand-sized.json");

  @TempDir private Path folder;

  /** The blocks of a page that are fenced as of a language. */
  private static List<String> blocks(Path page, String language) throws IOException {
    return Pattern.compile("(?ms)^```" + language + "\n(.*?)^```$")
        .matcher(Files.readString(page))
        .results()
        .map(block -> block.group(1))
        .toList();
  }

  @Test
  void snippetCompilesAndRuns() throws Exception {
    List<String> snippets = blocks(README, "java");
    assertThat(snippets).hasSize(1);
    List<String> lines = snippets.getFirst().lines().toList();
    String imports =
        lines.stream().filter(l -> l.startsWith("import ")).collect(Collectors.joining("\n"));
    String body =
        lines.stream().filter(l -> !l.startsWith("import ")).collect(Collectors.joining("\n"));
    Path source = folder.resolve("Snippet.java");
    Files.writeString(
        source,
        imports
            + "\n"
            + "public class Snippet {\n"
            + "public static void main(String[] args) throws Exception {\n"
            + body
            + "\n}\n}\n");

    var messages = new ByteArrayOutputStream();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    int result =
        compiler.run(
            null,
            messages,
            messages,
            "-Xlint:all",
            "-Xlint:-processing",
            "-Xlint:-classfile",
            "-Werror",
            "-proc:none",
            "-cp",
            System.getProperty("java.class.path"),
            "-d",
            folder.toString(),
            source.toString());
    assertThat(result).as(messages.toString(StandardCharsets.UTF_8)).isZero();

    // Which plan two seconds suffice for depends on the machine.
    assertThat(runMain("Snippet"))
        .contains(" USD/h by start\n", " x ")
        .containsPattern("\n(FEASIBLE|OPTIMAL), RIGHT\n");
    assertThat(Plans.read(Path.of("target/plan.json")).violations()).isEmpty();
  }

  private String runMain(String name) throws Exception {
    var out = new ByteArrayOutputStream();
    PrintStream before = System.out;
    try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      loader.loadClass(name).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(before);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void readmeBeginsWithTheTwoCommands() throws IOException {
    assertThat(blocks(README, "sh"))
        .containsExactly(
            "mvn -q -DskipTests package && target/moesaic solve problems/01-hand-sized.json\n",
            "mvn verify\n");
  }

  @Test
  void readmeNamesEveryCommandAndExitCode() throws IOException {
    var help = new ByteArrayOutputStream();
    Main.run(
        new String[] {"--help"},
        new PrintStream(help, false, StandardCharsets.UTF_8),
        new PrintStream(help, false, StandardCharsets.UTF_8));
    String text = help.toString(StandardCharsets.UTF_8);
    String readme = Files.readString(README);

    assertThat(firstGroups("(?m)^  ([a-z]+)  ", text))
        .hasSizeGreaterThan(5)
        .allSatisfy(command -> assertThat(readme).contains("`moesaic " + command));
    assertThat(firstGroups("(?m)^  ([0-9]+)  ", text))
        .hasSize(6)
        .allSatisfy(code -> assertThat(readme).contains("\n| " + code + " | "));
  }

  private static List<String> firstGroups(String regex, String text) {
    return Pattern.compile(regex).matcher(text).results().map(m -> m.group(1)).toList();
  }

  @Test
  void everyRuleIsExplained() throws IOException {
    for (Path page : List.of(README, FORMAT)) {
      Set<String> named =
          Pattern.compile("(?m)^\\| (`.*?) \\|")
              .matcher(Files.readString(page))
              .results()
              .flatMap(row -> Pattern.compile("`(\\w+)`").matcher(row.group(1)).results())
              .map((MatchResult name) -> name.group(1))
              .collect(Collectors.toSet());
      assertThat(named)
          .as("%s", page)
          .containsAll(Arrays.stream(Rule.values()).map(Rule::id).toList());
    }
  }

  @Test
  void everyFieldIsExplained() throws IOException {
    var fields = new TreeSet<String>();
    collect(Problem.class, fields);
    collect(Plan.class, fields);
    // In running text, within backticks, perhaps as part of a path.
    String prose = Files.readString(FORMAT).replaceAll("(?ms)^```.*?^```$", "");
    Set<String> explained =
        Pattern.compile("`([^`]+)`")
            .matcher(prose)
            .results()
            .flatMap(code -> Arrays.stream(code.group(1).split("\\W+")))
            .collect(Collectors.toSet());

    assertThat(fields).hasSizeGreaterThan(80);
    assertThat(explained).containsAll(fields);
  }

  /** The names of all fields of a record and of those in it. */
  private static void collect(Type type, Set<String> fields) {
    if (type instanceof ParameterizedType generic) {
      for (Type argument : generic.getActualTypeArguments()) {
        collect(argument, fields);
      }
    } else if (type instanceof Class<?> record && record.isRecord()) {
      for (RecordComponent component : record.getRecordComponents()) {
        if (!component.isAnnotationPresent(NotInFile.class)) {
          fields.add(component.getName());
          collect(component.getGenericType(), fields);
        }
      }
    }
  }

  @Test
  void examplesAreValid() throws IOException {
    List<String> examples = blocks(FORMAT, "json");
    assertThat(examples).hasSize(2);

    Path problem = Files.writeString(folder.resolve("problem.json"), examples.get(0));
    Files.createDirectory(folder.resolve("loads"));
    Files.writeString(folder.resolve("loads/us-chat.csv"), "layer,expert,weight\n0,0,1\n");
    var warnings = new ArrayList<Object>();
    assertThat(Problems.read(problem, warnings::add).name()).isEqualTo("two clouds");
    assertThat(warnings).isEmpty();

    Path plan = Files.writeString(folder.resolve("plan.json"), examples.get(1));
    assertThat(Checker.check(Problems.read(HAND_SIZED), Plans.read(plan)).verdict())
        .isEqualTo(Verdict.RIGHT);
  }
}
