package org.moesaic.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.moesaic.generate.GeneratorOptions.Builder;
import org.moesaic.generate.GeneratorOptions.Residency;
import org.moesaic.instance.Instance;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Policy.DomainKind;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Provider;
import org.moesaic.problem.SampledTokens;

class GeneratorTest {
  @Test
  void theSameOptionsGiveTheSameProblem() {
    assertThat(generate(small())).isEqualTo(generate(small()));
  }

  @Test
  void anotherSeedGivesOtherRoutingAndNothingElse() {
    Problem one = generate(small().seed(1));
    Problem two = generate(small().seed(2));

    assertThat(one.routing()).isNotEqualTo(two.routing());
    assertThat(one.offers()).isEqualTo(two.offers());
    assertThat(one.origins()).isEqualTo(two.origins());
  }

  @Test
  void anotherOriginLeavesTheRoutingOfThoseBefore() {
    Problem two = generate(small().origins(Selection.parse("2")));
    Problem three = generate(small().origins(Selection.parse("3")));

    assertThat(three.routing().loads().subList(0, 2)).isEqualTo(two.routing().loads());
  }

  @Test
  void modelHasItsPublishedShape() {
    Problem problem = generate(GeneratorOptions.builder());

    assertThat(problem.model().moeLayers()).isEqualTo(58);
    assertThat(problem.model().expertsPerLayer()).isEqualTo(256);
    assertThat(problem.model().expertBytes()).isEqualTo(44_040_192);
    assertThat(problem.model().expertFlopsPerToken()).isEqualTo(88_080_384);
    assertThat(problem.model().dispatchBytes()).isEqualTo(7168);
    assertThat(problem.model().combineBytes()).isEqualTo(14336);
  }

  @Test
  void trainingTriplesTheWorkAndCarriesGradientsBothWays() {
    Problem problem = generate(GeneratorOptions.builder().training(true).stateFactor(16));

    assertThat(problem.model().expertBytes()).isEqualTo(16L * 44_040_192);
    assertThat(problem.model().expertFlopsPerToken()).isEqualTo(3.0 * 88_080_384);
    assertThat(problem.model().dispatchBytes()).isEqualTo(7168 + 14336);
    assertThat(problem.model().combineBytes()).isEqualTo(14336 + 14336);
  }

  @Test
  void densePartIsPlacedUnlessItIsLeftOut() {
    assertThat(generate(small()).model().backbone()).isNotNull();
    assertThat(generate(small().backbone(false)).model().backbone()).isNull();
    assertThatThrownBy(() -> small().backbone(false).maxAccessMs(60).build())
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("--no-backbone");
  }

  @Test
  void syncIsThereIfItHappens() {
    assertThat(generate(small()).model().sync()).isNull();
    assertThat(generate(GeneratorOptions.builder().syncsPerHour(12).syncWindow(0.5)).model().sync())
        .satisfies(
            sync -> {
              // Two bytes for each of 3 * 7168 * 2048 parameters.
              assertThat(sync.expertBytes()).isEqualTo(88_080_384);
              assertThat(sync.syncsPerHour()).isEqualTo(12);
              assertThat(sync.window()).isEqualTo(0.5);
            });
  }

  @Test
  void originsHaveStreamsAndAccess() {
    Problem problem =
        generate(
            small()
                .origins(Selection.parse("azure/us-ashburn=100x8,oci/us-ashburn"))
                .streams(3)
                .accessBytes(8)
                .maxAccessMs(60));

    assertThat(problem.origins().stream().map(Origin::streams)).containsExactly(8, 3);
    assertThat(problem.origins()).allSatisfy(o -> assertThat(o.accessBytes()).isEqualTo(8));
    assertThat(problem.policy().maxAccessMs()).isEqualTo(60);
    assertThatThrownBy(() -> generate(small().origins(Selection.parse("azure/us-ashburn=100x0"))))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("1000x4");
  }

  @Test
  void offersHaveTheirOwnMostNodes() {
    Problem problem =
        generate(
            small()
                .offers(Selection.parse("oci-eu-frankfurt-h200=7,azure-us-ashburn-h100"))
                .maxNodes(3));

    assertThat(problem.offers().stream().map(Offer::maxNodes)).containsExactly(7, 3);
    assertThatThrownBy(() -> generate(small().offers(Selection.parse("oci-eu-frankfurt-h200=x"))))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("oci-eu-frankfurt-h200=12 was meant");
  }

  @Test
  void waysBetweenCitiesHaveACapacityIfOneIsGiven() {
    Builder options =
        small()
            .offers(Selection.parse("azure-us-ashburn-h100,oci-us-ashburn-h200,aws-us-oregon-h200"))
            .interconnectGbps(100);
    Instance limited = Instance.of(generate(options.wanGbps(50)));

    // 80 % of 100 and of 50 Gbit/s, in bytes.
    assertThat(limited.linkBytesPerSecond(0, 1)).isCloseTo(1e10, within(1.0));
    assertThat(limited.linkBytesPerSecond(0, 2)).isCloseTo(5e9, within(1.0));
    assertThat(limited.usdPerGb(0, 2)).isEqualTo(0.05);
  }

  @Test
  void sampledTokensChooseTogetherWhatTheirTopicsLike() {
    Builder options =
        small().model("mixtral-8x7b").origins(Selection.parse("1")).samples(4000).seed(3);
    SampledTokens alone = sample(generate(options.coactivation(0)));
    SampledTokens together = sample(generate(options.coactivation(1)));

    assertThat(alone.tokens()).isEqualTo(4000);
    // Experts of one topic are chosen together more often than their own calls explain.
    assertThat(lift(together)).isGreaterThan(1.1 * lift(alone));
    assertThat(sample(generate(options.coactivation(0)))).isEqualTo(alone);
  }

  private static SampledTokens sample(Problem problem) {
    assertThat(problem.routing().loads()).isEmpty();
    return Objects.requireNonNull(problem.routing().samples().get(0).choices());
  }

  /** How many times as often as by chance a pair is chosen, the most of each layer on average. */
  private static double lift(SampledTokens tokens) {
    double sum = 0;
    for (int l = 0; l < tokens.layers(); l++) {
      double[] calls = new double[8];
      double[][] pairs = new double[8][8];
      for (int t = 0; t < tokens.tokens(); t++) {
        int a = tokens.expert(t, l, 0);
        int b = tokens.expert(t, l, 1);
        assertThat(a).isNotEqualTo(b);
        calls[a]++;
        calls[b]++;
        pairs[Math.min(a, b)][Math.max(a, b)]++;
      }
      double most = 0;
      for (int a = 0; a < 8; a++) {
        for (int b = a + 1; b < 8; b++) {
          most = Math.max(most, pairs[a][b] * tokens.tokens() / (calls[a] * calls[b]));
        }
      }
      sum += most / tokens.layers();
    }
    return sum;
  }

  @Test
  void selectsByCloudAndContinentAndCount() {
    Problem problem =
        generate(
            small()
                .clouds(List.of("aws", "oci"))
                .continents(List.of("europe"))
                .offers(Selection.parse("3")));

    assertThat(problem.offers())
        .hasSize(3)
        .allSatisfy(o -> assertThat(o.provider()).isIn("aws", "oci"));
    assertThat(problem.regions()).allSatisfy(r -> assertThat(r.continent()).isEqualTo("europe"));
  }

  @Test
  void selectsByName() {
    Problem problem =
        generate(
            small()
                .offers(Selection.parse("oci-eu-frankfurt-h200, azure-us-ashburn-h100"))
                .origins(Selection.parse("azure/us-ashburn=12.5,oci/eu-frankfurt"))
                .tokensPerSecond(7));

    assertThat(problem.offers().stream().map(Offer::id))
        .containsExactly("oci-eu-frankfurt-h200", "azure-us-ashburn-h100");
    assertThat(problem.origins().stream().map(Origin::tokensPerSecond)).containsExactly(12.5, 7.0);
  }

  @Test
  void interconnectsAreFreeAndHaveACapacity() {
    Instance instance =
        Instance.of(
            generate(
                small()
                    .offers(Selection.parse("azure-us-ashburn-h100,oci-us-ashburn-h200"))
                    .interconnectGbps(100)));

    assertThat(instance.usdPerGb(0, 1)).isZero();
    assertThat(instance.usdPerGb(1, 0)).isZero();
    assertThat(instance.rttMs(0, 1)).isEqualTo(2);
    assertThat(instance.linkBytesPerSecond(0, 1)).isCloseTo(1e10, within(1.0));
  }

  @Test
  void sitesOfOtherContinentsPayTheirOwnRates() {
    Instance instance =
        Instance.of(
            generate(small().offers(Selection.parse("aws-us-ashburn-h100,aws-ap-tokyo-h100"))));

    assertThat(instance.usdPerGb(0, 1)).isEqualTo(0.02);
    assertThat(instance.usdPerGb(1, 0)).isEqualTo(0.09);
    assertThat(instance.rttMs(0, 1)).isEqualTo(168.4);
  }

  @Test
  void everyPairOfSitesHasAPriceAndARoundTrip() {
    Instance instance = Instance.of(generate(small().origins(Selection.parse("30"))));

    for (int a = 0; a < instance.sites().size(); a++) {
      for (int b = 0; b < instance.sites().size(); b++) {
        assertThat(instance.usdPerGb(a, b)).isBetween(0.0, 0.2);
        assertThat(instance.rttMs(a, b)).isBetween(a == b ? 0.0 : 1.0, 400.0);
      }
    }
  }

  @Test
  void egressScaleMultipliesEveryPrice() {
    String sites = "aws-us-ashburn-h100,aws-ap-tokyo-h100,oci-eu-frankfurt-h200";
    Instance full = Instance.of(generate(small().offers(Selection.parse(sites))));
    Instance half = Instance.of(generate(small().offers(Selection.parse(sites)).egressScale(0.5)));

    for (int a = 0; a < 3; a++) {
      for (int b = 0; b < 3; b++) {
        assertThat(half.usdPerGb(a, b)).isCloseTo(full.usdPerGb(a, b) / 2, within(1e-6));
      }
    }
  }

  @Test
  void residencyOfTheEuropeanUnionLeavesOthersFree() {
    Problem problem =
        generate(
            small()
                .origins(Selection.parse("aws/eu-frankfurt,aws/uk-london,aws/us-ashburn"))
                .residency(Residency.EU));

    assertThat(problem.origins().get(0).servableIn().countries())
        .contains("DE", "SE")
        .doesNotContain("GB", "US");
    assertThat(problem.origins().get(1).servableIn()).isNull();
    assertThat(problem.origins().get(2).servableIn()).isNull();
  }

  @Test
  void residencyCanBeTheCountryOrTheContinent() {
    Builder options = small().origins(Selection.parse("aws/eu-frankfurt"));

    assertThat(generate(options.residency(Residency.COUNTRY)).origins().get(0).servableIn())
        .isEqualTo(new Origin.ServableIn(List.of(), List.of("DE"), List.of()));
    assertThat(generate(options.residency(Residency.CONTINENT)).origins().get(0).servableIn())
        .isEqualTo(new Origin.ServableIn(List.of(), List.of(), List.of("europe")));
  }

  @Test
  void rulesArePassedOn() {
    Problem problem =
        generate(
            small()
                .minReplicas(2)
                .maxReplicas(3)
                .survive(Set.of(DomainKind.REGION))
                .powerCapKw(500)
                .maxAddedLatencyMs(60)
                .maxNodes(9));

    assertThat(problem.policy().minReplicas()).isEqualTo(2);
    assertThat(problem.policy().maxReplicas()).isEqualTo(3);
    assertThat(problem.policy().survive()).containsExactly(DomainKind.REGION);
    assertThat(problem.policy().maxAddedLatencyMs()).isEqualTo(60);
    assertThat(problem.regions()).allSatisfy(r -> assertThat(r.powerCapKw()).isEqualTo(500));
    assertThat(problem.offers()).allSatisfy(o -> assertThat(o.maxNodes()).isEqualTo(9));
  }

  @ParameterizedTest
  @EnumSource
  void presetsTakeTheProvidersThatTheyUse(Preset preset) {
    Problem problem = generate(preset.options());

    assertThat(problem.providers().stream().map(Provider::id))
        .containsAll(problem.offers().stream().map(Offer::provider).toList())
        .containsAll(problem.origins().stream().map(Origin::provider).toList());
  }

  @Test
  void sevenCloudsIsFullSize() {
    Problem problem = generate(Preset.CALLS_SEVEN_CLOUDS.options());

    assertThat(problem.model().moeLayers()).isEqualTo(58);
    assertThat(problem.model().expertsPerLayer()).isEqualTo(256);
    assertThat(problem.model().shardsPerLayer()).isEqualTo(256);
    assertThat(problem.providers()).hasSize(7);
    assertThat(problem.offers()).hasSizeGreaterThanOrEqualTo(20);
    assertThat(problem.offers().stream().map(o -> o.provider() + "/" + o.region()).distinct())
        .hasSizeGreaterThanOrEqualTo(12);
    assertThat(problem.origins()).hasSizeGreaterThanOrEqualTo(6);
  }

  @Test
  void unknownNamesAreAnsweredWithTheKnownOnes() {
    assertThatThrownBy(() -> generate(small().model("deepseek")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("There is no model (deepseek) to choose.")
        .hasMessageContaining("Maybe one of these was meant: deepseek-v3, ");
    assertThatThrownBy(() -> generate(small().clouds(List.of("ibm"))))
        .hasMessageContaining("There is no cloud (ibm)");
    assertThatThrownBy(() -> generate(small().origins(Selection.parse("aws/atlantis"))))
        .hasMessageContaining("There is no site (aws/atlantis)");
    assertThatThrownBy(() -> generate(small().origins(Selection.parse("aws/us-ashburn=fast"))))
        .hasMessageContaining("(aws/us-ashburn=fast)");
    assertThatThrownBy(
            () -> generate(small().origins(Selection.parse("aws/us-ashburn,aws/us-ashburn=2"))))
        .hasMessageContaining("given twice");
    assertThatThrownBy(
            () -> generate(small().clouds(List.of("azure")).continents(List.of("europe"))))
        .hasMessageContaining("No offer is left");
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    assertThatThrownBy(() -> small().skew(-1)).hasMessageContaining("skew (-1)");
    assertThatThrownBy(() -> small().specialisation(1.5)).hasMessageContaining("0 to 1");
    assertThatThrownBy(() -> small().stateFactor(Double.NaN)).hasMessageContaining("above 0");
    assertThatThrownBy(() -> small().maxNodes(0)).hasMessageContaining("at least 1");
    assertThatThrownBy(() -> Selection.parse("0")).hasMessageContaining("at least 1");
    assertThatThrownBy(() -> Selection.parse(" , ")).hasMessageContaining("empty");
  }

  private static Builder small() {
    return GeneratorOptions.builder().model("mixtral-8x7b");
  }

  private static Problem generate(Builder options) {
    return Generator.generate(options.build());
  }
}
