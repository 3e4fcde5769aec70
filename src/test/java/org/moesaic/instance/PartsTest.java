package org.moesaic.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.problem.Model.Backbone;
import org.moesaic.problem.Model.Copies;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Policy.Selector;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Routing;
import org.moesaic.problem.Routing.Sample;
import org.moesaic.problem.SampledTokens;

class PartsTest {
  private static ProblemBuilder twoOrigins() {
    return ProblemBuilder.threeRegions()
        .model(1, 2, 1)
        .freeProvider("p")
        .origin("chat", "p/east", 800, 16, 8, 50.0)
        .origin("batch", "p/west", 300)
        .offer("a", "p/east")
        .offer("b", "p/west");
  }

  private static List<Origin> origins() {
    return twoOrigins().build().origins();
  }

  @Test
  void numbersPartsOriginByOrigin() {
    Parts parts = Parts.of(origins(), new int[][] {{12, 3, 1}, {1}});
    assertThat(parts.count()).isEqualTo(4);
    assertThat(parts.of(0)).isEqualTo(3);
    assertThat(parts.first(1)).isEqualTo(3);
    assertThat(parts.origin(2)).isZero();
    assertThat(parts.origin(3)).isOne();
    assertThat(parts.streams(1)).isEqualTo(3);
    assertThat(parts.isWhole()).isFalse();
  }

  @Test
  void wholeOriginsAreTheSameHoweverTheyAreSaid() {
    Parts said = Parts.of(origins(), new int[][] {{16}, {1}});
    assertThat(said).isEqualTo(Parts.WHOLE).hasSameHashCodeAs(Parts.WHOLE);
    assertThat(Parts.WHOLE.in(origins()).streams(0)).isEqualTo(16);
    assertThat(Parts.of(origins(), new int[][] {{15, 1}, {1}})).isNotEqualTo(Parts.WHOLE);
  }

  @Test
  void partsAddUp() {
    assertThatThrownBy(() -> Parts.of(origins(), new int[][] {{12, 3}, {1}}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Parts.of(origins(), new int[][] {{17, -1}, {1}}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Parts.of(origins(), new int[][] {{16}}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void splitOriginsShareTokensAndKeepTheRest() {
    Instance whole = twoOrigins().load("chat", new double[] {3, 1}).instance();
    Instance split = whole.split(Parts.of(origins(), new int[][] {{12, 4}, {1}}));
    assertThat(split.problem().origins())
        .extracting(Origin::id)
        .containsExactly("chat#1", "chat#2", "batch");
    // 12 and 4 of 16 streams of 800 tokens/s; three quarters of calls go to the first expert.
    assertThat(split.demand(0, 0)).isCloseTo(600 * 0.75, within(1e-9));
    assertThat(split.demand(1, 1)).isCloseTo(200 * 0.25, within(1e-9));
    assertThat(split.demand(2, 1)).isCloseTo(150, within(1e-9));
    assertThat(split.maxAccessMs(1)).isEqualTo(50);
    assertThat(split.accessBytes(1)).isEqualTo(8);
    assertThat(split.siteOfOrigin(1)).isEqualTo(whole.siteOfOrigin(0));
    // What is split has nothing left to split.
    assertThat(split.split(Parts.WHOLE)).isSameAs(split);
  }

  @Test
  void wholeOriginOfStreamsIsItsFirstPart() {
    Instance split = twoOrigins().load("chat", new double[] {3, 1}).instance().split(Parts.WHOLE);
    assertThat(split.problem().origins()).extracting(Origin::id).containsExactly("chat#1", "batch");
    assertThat(split.demand(0, 0)).isEqualTo(600);
  }

  @Test
  void sampleGivesWeightsToEachPart() {
    Problem problem =
        ProblemBuilder.threeRegions()
            .model(1, 3, 2)
            .copies(Copies.PER_SITE)
            .freeProvider("p")
            .origin("o", "p/east", 60, 2, 0, null)
            .offer("a", "p/east")
            .build();
    // Three tokens: of six choices expert 0 has three, expert 1 two, expert 2 one.
    var choices = SampledTokens.of(new int[][][] {{{0, 1}}, {{0, 2}}, {{1, 0}}}, problem.model());
    Problem sampled =
        problem.with(
            problem.origins(),
            new Routing(List.of(), List.of(new Sample("o", "o.gz", 3, choices))));
    Instance split = Instance.of(sampled).split(Parts.of(problem.origins(), new int[][] {{1, 1}}));
    for (int part = 0; part < 2; part++) {
      assertThat(split.sample(part)).isEqualTo(choices);
      // 30 tokens/s make 60 calls.
      assertThat(split.demand(part, 0)).isCloseTo(30, within(1e-9));
      assertThat(split.demand(part, 1)).isCloseTo(20, within(1e-9));
      assertThat(split.demand(part, 2)).isCloseTo(10, within(1e-9));
      // The top 2 of weights 1/2, 1/3, 1/6 are chosen with 1, 2/3 and 1/3.
      assertThat(split.logMiss(part, 0)).isEqualTo(Double.NEGATIVE_INFINITY);
      assertThat(split.logMiss(part, 2)).isCloseTo(Math.log(2.0 / 3), within(1e-12));
    }
  }

  @Test
  void hostsAreBoundByWhatNamesNoExpert() {
    Instance instance =
        twoOrigins()
            .model(2, 2, 1)
            .backbone(new Backbone(1, 1, 1))
            .ban(new Selector(0, null, List.of("a"), List.of(), List.of()))
            .ban(new Selector(1, 0, List.of("b"), List.of(), List.of()))
            .instance();
    assertThat(instance.mayHost(0, 0, 0)).isFalse();
    assertThat(instance.mayHost(0, 0, 1)).isTrue();
    assertThat(instance.mayHost(0, 1, 0)).isTrue();
    assertThat(instance.mayHost(0, 1, 1)).isTrue();
  }
}
