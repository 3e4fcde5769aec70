package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.moesaic.check.CheckReport.Verdict;
import org.moesaic.check.Checker;
import org.moesaic.plan.Plan;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;

/** The example problems, solved in a few seconds each and checked. */
class ProblemsSolveTest {
  private static final Path PROBLEMS = Path.of("problems");
  private static final Duration TIME = Duration.ofSeconds(5);

  static List<Path> problems() throws IOException {
    try (Stream<Path> all = Files.walk(PROBLEMS, 2)) {
      return all.filter(f -> f.toString().endsWith(".json")).sorted().toList();
    }
  }

  /** Where experts alone are placed and one of the two dwarfs the other, the best plan is plain. */
  @ParameterizedTest
  @MethodSource("problems")
  void keepsTheRulesAtACostOfWhichNeitherLeaseNorEgressIsNegligible(Path file) {
    Problem problem = Problems.read(file);

    Plan plan = solve(problem);

    assertThat(Checker.check(problem, plan).verdict()).isEqualTo(Verdict.RIGHT);
    if (problem.model().backbone() != null) {
      return;
    }
    assertThat(plan.objective().egressUsdPerHour() / plan.objective().leaseUsdPerHour())
        .isBetween(0.1, 10.0);
  }

  @Test
  void findsTheOptimumThatIsProvenByHand() {
    Plan plan = solve(Problems.read(PROBLEMS.resolve("01-hand-sized.json")));

    assertThat(plan.objective().usdPerHour()).isCloseTo(47.76, within(1e-9));
    assertThat(plan.objective().leaseUsdPerHour()).isEqualTo(24);
    assertThat(plan.leases().stream().map(Plan.Lease::offer))
        .containsExactly("boston", "reykjavik");
  }

  private static Plan solve(Problem problem) {
    return Planner.builder().time(TIME).seed(1).build().solve(problem);
  }
}
