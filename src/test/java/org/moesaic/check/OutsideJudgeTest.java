package org.moesaic.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.moesaic.check.CheckReport.Verdict;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Status;
import org.moesaic.plan.Plans;
import org.moesaic.pricing.Rule;
import org.moesaic.problem.Problems;

/**
 * Random problems with plans whose every figure, status and violation was computed by another
 * program: one in another language, written from the definitions of the model alone. From 09 on the
 * dense part is placed, origins are divided, copies shared and replicas synchronised.
 */
class OutsideJudgeTest {
  private static final Path CASES = Path.of("src/test/resources/org/moesaic/check/priced");

  static List<Path> cases() throws IOException {
    try (Stream<Path> files = Files.list(CASES)) {
      return files.filter(Files::isDirectory).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agrees(Path folder) {
    Plan plan = Plans.read(folder.resolve("plan.json"));
    CheckReport report = Checker.check(Problems.read(folder.resolve("problem.json")), plan);
    assertThat(report.findings()).isEmpty();
    assertThat(report.verdict())
        .isEqualTo(plan.status() == Status.INFEASIBLE ? Verdict.BREAKS_RULES : Verdict.RIGHT);
  }

  @Test
  void everyRuleIsBrokenBySomeCase() throws IOException {
    Set<String> broken = new TreeSet<>();
    for (Path folder : cases()) {
      Plans.read(folder.resolve("plan.json")).violations().forEach(row -> broken.add(row.rule()));
    }
    assertThat(broken).containsAll(Stream.of(Rule.values()).map(Rule::id).toList());
  }
}
