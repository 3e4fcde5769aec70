package org.moesaic.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.problem.Incumbent;
import org.moesaic.problem.Model.Backbone;
import org.moesaic.problem.Model.Copies;
import org.moesaic.problem.Model.Sync;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Routing.Sample;

class UnsupportedTest {
  @Test
  void plainProblemIsSupported() {
    Problem problem = new ProblemBuilder().build();
    assertThat(Unsupported.in(problem)).isEmpty();
    assertThatCode(() -> Unsupported.refuse(problem)).doesNotThrowAnyException();
  }

  @Test
  void everyPartIsNamed() {
    Problem problem =
        new ProblemBuilder()
            .copies(Copies.PER_SITE)
            .backbone(new Backbone(1, 1, 1))
            .sync(new Sync(1, 1, 1))
            .origin("o", "p/east", 1, 2, 0, null)
            .sample(new Sample("o", "file.gz", 1))
            .incumbent(new Incumbent("plan.json", 1, null))
            .build();
    assertThat(Unsupported.in(problem)).containsExactly("incumbent");
    assertThat(Unsupported.toPack(problem))
        .containsExactly("incumbent", "model.backbone", "origins[].streams");
    assertThatThrownBy(() -> Unsupported.refuse(problem))
        .isInstanceOf(UnsupportedProblemException.class)
        .hasMessageContaining("not supported yet: incumbent.")
        .hasMessageContaining("\nMaybe ");
    assertThat(Unpriced.in(problem)).containsExactly("incumbent");
    assertThatThrownBy(() -> Unpriced.refuse(problem))
        .isInstanceOf(UnsupportedProblemException.class)
        .hasMessageContaining("not supported yet: incumbent.");
  }
}
