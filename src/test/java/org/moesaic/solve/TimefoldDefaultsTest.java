package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.moesaic.instance.Instance;
import org.moesaic.problem.Problems;
import org.moesaic.solve.SearchFigures.Calculator;
import org.moesaic.solve.SearchFigures.Run;
import org.moesaic.solve.model.Tariff;

/** The model works without anything of ours but its constraints: what others are compared with. */
class TimefoldDefaultsTest {
  @ParameterizedTest
  @EnumSource
  void solvesTheHandSizedProblemByItsOwnMeans(Calculator calculator) {
    Tariff tariff = new Tariff(Instance.of(Problems.read(Path.of("problems/01-hand-sized.json"))));

    Run run = SearchFigures.outOfTheBox(tariff, calculator, 0, Duration.ofSeconds(2));

    assertThat(SearchFigures.keepsRules(run.best())).isTrue();
    // No plan is cheaper than the optimum that problems/README.md proves; 60 is what it is far
    // below.
    assertThat(tariff.toUsdPerHour(-run.best().getScore().softScore())).isBetween(47.7599, 60.0);
  }
}
