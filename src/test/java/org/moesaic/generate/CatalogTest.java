package org.moesaic.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.moesaic.generate.Catalog.Node;
import org.moesaic.generate.Catalog.Place;
import org.moesaic.problem.Model;
import org.moesaic.problem.Provider.EgressRates;

class CatalogTest {
  private final Catalog catalog = Catalog.builtIn();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "models.csv",
        "regions.csv",
        "sites.csv",
        "accelerators.csv",
        "offers.csv",
        "egress.csv",
        "links.csv"
      })
  void everyRowHasASource(String table) {
    assertThat(Table.read(table))
        .isNotEmpty()
        .allSatisfy(row -> assertThat(row.source()).hasSizeGreaterThan(10));
  }

  @Test
  void expertsMakeUpMostOfAModelButNotMoreThanIsPublished() {
    assertThat(catalog.models())
        .allSatisfy(
            m -> {
              double experts = 1e-9 * m.moeLayers() * m.expertsPerLayer() * m.expertParameters();
              assertThat(experts / m.totalParameters()).isBetween(0.9, 1.0);
            });
  }

  @Test
  void anExpertOfDeepSeekV3TakesAsManyBytesAsItHasParameters() {
    assertThat(catalog.models().get(0).expertParameters()).isEqualTo(44_040_192);
  }

  /** What the cited configurations say: first_k_dense_replace and num_hidden_layers. */
  @Test
  void denseLayersComeBeforeThoseWithExperts() {
    assertThat(catalog.models())
        .extracting(
            m -> m.name() + " " + m.denseLayers() + " of " + (m.denseLayers() + m.moeLayers()))
        .contains(
            "deepseek-v3 3 of 61",
            "deepseek-v2 1 of 60",
            "deepseek-v2-lite 1 of 27",
            "kimi-k2 1 of 61",
            "qwen3-235b-a22b 0 of 94",
            "mixtral-8x7b 0 of 32");
  }

  @Test
  void shapeOfAProblemsModel() {
    ModelShape v3 = catalog.models().get(0);
    Model model = v3.toModel(ModelShape.Dtype.FP8, 1, false, 1, Model.Copies.PER_EXPERT);
    assertThat(catalog.shapeOf(model)).contains(v3);
    // A cut of the model is another one: its layers may be any.
    ModelShape cut =
        new ModelShape(
            v3.name(),
            v3.title(),
            3,
            57,
            256,
            8,
            7168,
            2048,
            v3.totalParameters(),
            v3.attentionParameters(),
            1,
            18432,
            129280,
            v3.source());
    assertThat(
            catalog.shapeOf(
                cut.toModel(ModelShape.Dtype.FP8, 1, false, 1, Model.Copies.PER_EXPERT)))
        .isEmpty();
  }

  @Test
  void expertsAndDensePartAddUpToWhatIsPublished() {
    assertThat(catalog.models())
        .allSatisfy(
            m -> {
              double experts =
                  (double) m.moeLayers() * m.expertsPerLayer() * m.expertParameters() / 1e9;
              double dense = m.moeLayers() * m.denseParametersPerLayer() / 1e9;
              // Kimi-K2's publisher rounds 1.026 to 1.04 and counts what is not in its layers.
              assertThat(experts + dense)
                  .isCloseTo(
                      m.totalParameters(), withinPercentage(m.name().startsWith("kimi") ? 2 : 0.3));
            });
  }

  @Test
  void densePartOfDeepSeekV3() {
    ModelShape v3 = catalog.models().get(0);
    // Attention 187,105,280 + shared expert 44,040,192 + router 7168 * 256, and one 58th of three
    // dense layers (187,105,280 + 3 * 7168 * 18432 each) and of 129,280 * 7168 twice.
    assertThat(v3.denseParametersPerLayer()).isCloseTo(295_114_257.66, within(0.01));
    Model.Backbone serving = v3.toBackbone(ModelShape.Dtype.FP8, 1, false);
    // One embedding less is multiplied: (17,116,626,944 - 926,679,040) / 58 * 2.
    assertThat(serving).isEqualTo(new Model.Backbone(295_114_258, 558_274_066, 14_336, 0));
    Model.Backbone training = v3.toBackbone(ModelShape.Dtype.FP8, 16, true);
    // 16 times 295,114,257.66 bytes and three times the operations.
    assertThat(training)
        .isEqualTo(new Model.Backbone(4_721_828_122.0, 1_674_822_197, 14_336, 14_336));
    assertThat(v3.toSync(2, 12, 0.5)).isEqualTo(new Model.Sync(88_080_384, 590_228_515, 12, 0.5));
  }

  @Test
  void sevenCloudsLeaseNodes() {
    assertThat(catalog.nodes().stream().map(Node::provider).distinct())
        .containsExactlyInAnyOrder("azure", "oci", "aws", "gcp", "coreweave", "nebius", "lambda");
  }

  @Test
  void nodesAreSanelyPricedAndKnown() {
    List<String> sites = catalog.places().stream().map(Place::site).toList();
    assertThat(catalog.nodes())
        .allSatisfy(
            n -> {
              assertThat(sites).contains(n.site());
              assertThat(n.usdPerNodeHour() / n.accelerators()).isBetween(1.0, 20.0);
              assertThat(n.powerKw() / n.accelerators()).isBetween(0.8, 3.0);
            });
    assertThat(catalog.nodes().stream().map(Node::id)).doesNotHaveDuplicates();
    assertThat(sites).doesNotHaveDuplicates();
  }

  @Test
  void everySiteHasARegionAndRates() {
    assertThat(catalog.places())
        .allSatisfy(
            p -> {
              assertThat(catalog.region(p.region()).powerDomain()).isNotNull();
              EgressRates rates = catalog.egress(p.provider(), p.region());
              assertThat(
                      Stream.of(
                          rates.intraContinent(), rates.interContinent(), rates.otherProvider()))
                  .allSatisfy(rate -> assertThat(rate).isBetween(0.0, 0.2));
            });
  }

  @Test
  void waysJoinTwoKnownSites() {
    List<String> sites = catalog.places().stream().map(Place::site).toList();
    assertThat(catalog.ways())
        .allSatisfy(
            w -> {
              assertThat(sites).contains(w.from(), w.to());
              assertThat(w.from()).isNotEqualTo(w.to());
              assertThat(w.rttMs()).isBetween(1.0, 400.0);
            });
    assertThat(catalog.ways().stream().map(w -> Stream.of(w.from(), w.to()).sorted().toList()))
        .doesNotHaveDuplicates();
  }
}
