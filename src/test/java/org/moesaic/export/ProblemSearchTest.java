package org.moesaic.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.moesaic.fixture.Examples;
import org.moesaic.json.InvalidInputException;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plans;
import org.moesaic.problem.Problems;

class ProblemSearchTest {
  @TempDir private Path folder;

  private Path problemFile;
  private Path planFile;
  private Path working;
  private Plan plan;

  @BeforeEach
  void write() throws IOException {
    problemFile = Files.createDirectories(folder.resolve("made")).resolve("problem.json");
    Problems.write(Examples.problem().build(), problemFile);
    plan = Examples.plan(Problems.read(problemFile));
    planFile = Files.createDirectories(folder.resolve("plans/today")).resolve("plan.json");
    Plans.write(plan, planFile);
    working = Files.createDirectories(folder.resolve("work/here"));
    // Neither its name nor its folder makes a file the problem.
    Files.writeString(planFile.resolveSibling("problem.json"), "{}");
  }

  private void finds(Path place) throws IOException {
    Files.createDirectories(place.getParent());
    Files.move(problemFile, place);
    assertThat(ProblemSearch.find(plan, planFile, working)).isEqualTo(place);
  }

  @Test
  void inThePlansFolder() throws IOException {
    finds(planFile.resolveSibling("any name.json"));
  }

  @Test
  void inTheWorkingFolder() throws IOException {
    finds(working.resolve("p.json"));
  }

  @Test
  void inFoldersOfProblems() throws IOException {
    finds(planFile.resolveSibling("problems").resolve("p.json"));
    problemFile = planFile.resolveSibling("problems").resolve("p.json");
    finds(folder.resolve("plans/problems/p.json"));
    problemFile = folder.resolve("plans/problems/p.json");
    finds(working.resolve("problems/p.json"));
    problemFile = working.resolve("problems/p.json");
    finds(folder.resolve("work/problems/p.json"));
  }

  private static void crowd(Path folder) throws IOException {
    for (int i = 0; i < 5_000; i++) {
      Files.createFile(folder.resolve("m%d.json".formatted(i)));
    }
  }

  @Test
  void lastOfManyInThePlansFolder() throws IOException {
    crowd(planFile.getParent());
    finds(planFile.resolveSibling("z.json"));
  }

  /** Whatever order the file system has. */
  @Test
  void firstByNameOfManyElsewhere() throws IOException {
    crowd(working);
    finds(working.resolve("a.json"));
  }

  @Test
  void nowhere() {
    assertThatThrownBy(() -> ProblemSearch.find(plan, planFile, working))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("plan.json#/problem/sha256")
        .hasMessageContaining(working.toString())
        .hasMessageContaining("Maybe say where it is: --problem FILE");
  }

  @Test
  void planThatDoesNotSayIt() {
    Plan unnamed = Examples.plan(Examples.problem().build());
    assertThatThrownBy(() -> ProblemSearch.find(unnamed, planFile, working))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The plan must say the SHA-256 of its problem's file")
        .hasMessageContaining("Maybe solve the problem's file again.");
  }
}
