package org.moesaic.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelLayersTest {
  @Test
  void denseLayersComeFirst() {
    ModelLayers layers = ModelLayers.of(58, DenseLayers.parse("3"));
    assertThat(layers.count()).isEqualTo(61);
    assertThat(layers.modelLayer(0)).isEqualTo(3);
    assertThat(layers.modelLayer(57)).isEqualTo(60);
  }

  @Test
  void denseLayersLieAnywhere() {
    assertThat(ModelLayers.of(3, DenseLayers.parse("4, 0,2,0")).moeLayers())
        .containsExactly(1, 3, 5);
    assertThat(ModelLayers.of(3, DenseLayers.parse("1,")).moeLayers()).containsExactly(0, 2, 3);
    assertThat(ModelLayers.of(2, DenseLayers.parse("3,2")).moeLayers()).containsExactly(0, 1);
    assertThat(ModelLayers.of(2, DenseLayers.NONE).moeLayers()).containsExactly(0, 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ",", "x", "1,,2", "-1", "1,-2", "99999999999", "1.5", "4097", "4096,", "1;2"})
  void whatIsNoDenseLayers(String text) {
    assertThatThrownBy(() -> DenseLayers.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\nMaybe ");
  }

  @Test
  void denseLayerBeyondTheModel() {
    assertThatThrownBy(() -> ModelLayers.of(2, DenseLayers.parse("3,")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The dense layer (3) must be one of the model's 3 layers, 2 of them with experts.\n"
                + "Maybe layers are counted from 1; here they begin at 0.");
  }

  @Test
  void layersOfAFileAscend() {
    assertThat(ModelLayers.ofList(4, List.of(0, 2, 3))).isNotNull();
    assertThat(ModelLayers.ofList(4, List.of(0, 2, 4))).isNull();
    assertThat(ModelLayers.ofList(4, List.of(2, 2))).isNull();
    assertThat(ModelLayers.ofList(4, List.of(-1, 2))).isNull();
  }
}
