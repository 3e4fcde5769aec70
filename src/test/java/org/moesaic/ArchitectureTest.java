package org.moesaic;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Data flows one way: which package may use which. */
class ArchitectureTest {
  private static final String ROOT = "org.moesaic";

  /** Every package, and those of ours that it may use besides itself. */
  private static final Map<String, List<String>> MAY_USE =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("json", List.of()),
              Map.entry("problem", List.of("json")),
              Map.entry("routing", List.of("problem", "json")),
              Map.entry("generate", List.of("problem", "routing", "json")),
              Map.entry("instance", List.of("problem", "routing")),
              Map.entry("pricing", List.of("instance", "problem")),
              Map.entry("plan", List.of("problem", "json")),
              Map.entry("check", List.of("instance", "pricing", "plan", "problem", "json")),
              Map.entry("diff", List.of("instance", "plan", "problem", "json")),
              Map.entry(
                  "solve", List.of("instance", "pricing", "plan", "check", "problem", "json")),
              Map.entry("pack", List.of("plan", "check", "pricing", "instance", "problem", "json")),
              Map.entry(
                  "export", List.of("pack", "plan", "pricing", "instance", "problem", "json")),
              Map.entry(
                  "report",
                  List.of(
                      "solve",
                      "pack",
                      "diff",
                      "plan",
                      "pricing",
                      "instance",
                      "routing",
                      "problem",
                      "json"))));

  /** The rooms of the solver, and those of them that each may use besides itself. */
  private static final Map<String, List<String>> ROOM_MAY_USE =
      new TreeMap<>(
          Map.of(
              "", List.of("model", "start", "move", "bound"),
              "model", List.of(),
              "start", List.of("model"),
              "move", List.of("model"),
              "bound", List.of("model")));

  private static final String SOLVE = ROOT + ".solve";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  static Stream<String> packages() {
    return MAY_USE.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("packages")
  void usesOnlyWhatItMay(String name) {
    String[] allowed =
        Stream.concat(Stream.of(name), MAY_USE.get(name).stream())
            .map(used -> ROOT + "." + used + "..")
            .toArray(String[]::new);
    check(
        classes()
            .that()
            .resideInAPackage(ROOT + "." + name + "..")
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage(allowed)
                    .or(JavaClass.Predicates.type(Version.class))
                    .or(DescribedPredicate.not(resideInAPackage(ROOT + "..")))));
  }

  @Test
  void everyPackageIsInTheTable() {
    var known = new TreeSet<>(MAY_USE.keySet());
    known.add("cli"); // may use all
    assertThat(CLASSES)
        .extracting(c -> c.getPackageName().substring(ROOT.length()))
        .extracting(rest -> rest.isEmpty() ? rest : rest.split("\\.", 3)[1])
        .filteredOn(name -> !name.isEmpty())
        .isSubsetOf(known);
  }

  static Stream<String> rooms() {
    return ROOM_MAY_USE.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("rooms")
  void roomOfTheSolverUsesOnlyWhatItMay(String name) {
    String[] allowed =
        Stream.concat(Stream.of(name), ROOM_MAY_USE.getOrDefault(name, List.of()).stream())
            .map(ArchitectureTest::room)
            .toArray(String[]::new);
    check(
        classes()
            .that()
            .resideInAPackage(room(name))
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage(allowed)
                    .or(DescribedPredicate.not(resideInAPackage(SOLVE + "..")))));
  }

  private static String room(String name) {
    return name.isEmpty() ? SOLVE : SOLVE + "." + name;
  }

  @Test
  void everyRoomOfTheSolverIsInTheTable() {
    assertThat(CLASSES.that(resideInAPackage(SOLVE + "..")))
        .extracting(JavaClass::getPackageName)
        .containsOnly(rooms().map(ArchitectureTest::room).toArray(String[]::new));
  }

  /** What is public in a room is so for the others, not for those who call the library. */
  @Test
  void whatCallersMayTouchShowsNoRoomOfTheSolver() {
    var shown = new TreeSet<String>();
    for (JavaClass type : CLASSES) {
      if (inRoom(type) || !isPublic(type)) {
        continue;
      }
      Stream.concat(type.getRawInterfaces().stream(), type.getRawSuperclass().stream())
          .filter(ArchitectureTest::inRoom)
          .forEach(above -> shown.add(type.getName() + " is " + above.getName()));
      for (JavaMember member : type.getMembers()) {
        if (isVisible(member)) {
          signature(member)
              .filter(ArchitectureTest::inRoom)
              .forEach(used -> shown.add(member.getFullName() + " shows " + used.getName()));
        }
      }
    }
    assertThat(shown).isEmpty();
  }

  private static boolean inRoom(JavaClass type) {
    return type.getBaseComponentType().getPackageName().startsWith(SOLVE + ".");
  }

  private static boolean isPublic(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && type.getEnclosingClass().map(ArchitectureTest::isPublic).orElse(true);
  }

  private static boolean isVisible(JavaMember member) {
    return member.getModifiers().contains(JavaModifier.PUBLIC)
        || member.getModifiers().contains(JavaModifier.PROTECTED);
  }

  private static Stream<JavaClass> signature(JavaMember member) {
    if (member instanceof JavaField field) {
      return field.getType().getAllInvolvedRawTypes().stream();
    }
    JavaCodeUnit unit = (JavaCodeUnit) member;
    return Stream.of(
            Stream.of(unit.getReturnType()),
            unit.getParameterTypes().stream(),
            unit.getExceptionTypes().stream())
        .flatMap(types -> types)
        .flatMap(type -> type.getAllInvolvedRawTypes().stream());
  }

  @Test
  void nothingUsesTheCommandLine() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT + ".cli..", "picocli.."));
  }

  @Test
  void solverReadsNoFiles() {
    check(
        noClasses()
            .that()
            .resideInAPackage(ROOT + ".solve..")
            // Which unpacks libraries, and reads nothing that plans depend on.
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".solve.bound.Natives")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".solve.bound.LockedFolder")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".solve.bound.Natives$UnusableException")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.nio.file..", "java.io.."));
  }

  @Test
  void commandLineComputesNoPrice() {
    check(
        noClasses()
            .that()
            .resideInAPackage(ROOT + ".cli..")
            .should()
            .dependOnClassesThat()
            .haveNameMatching(ROOT + "\\.pricing\\.Pricing|" + ROOT + "\\.instance\\.Instance"));
  }

  @Test
  void packagesHaveNoCycles() {
    check(SlicesRuleDefinition.slices().matching(ROOT + ".(*)..").should().beFreeOfCycles());
  }

  private static void check(ArchRule rule) {
    // A package of the table need not exist yet.
    rule.allowEmptyShould(true).check(CLASSES);
  }
}
