package org.moesaic.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Loads exported files as the engines do, with what they require of them, and other libraries than
 * the ones that wrote them.
 */
class EngineLoadTest {
  private static final int SEEDS = 30;
  private static final int DENSE = 3;

  @FunctionalInterface
  private interface Check {
    void accept(byte[] bytes, Export.OfferFile file, RandomPlans plans) throws IOException;
  }

  /** Exports complete plans of random problems and hands over the file of every offer. */
  private static void forEachFile(ExportFormat format, Check check) throws IOException {
    int checked = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      RandomPlans plans = RandomPlans.complete(seed);
      Export export =
          Exporter.export(
              plans.problem(),
              plans.plan(),
              Path.of("plan.json"),
              new ExportOptions(
                  format, DenseLayers.leading(DENSE), (int) seed % 3, false, false, 2));
      for (Export.OfferFile file : export.offers()) {
        Export.Content content =
            export.files().stream()
                .filter(f -> f.name().equals(file.file()))
                .findFirst()
                .orElseThrow();
        check.accept(content.bytes(), file, plans);
        checked++;
      }
    }
    assertThat(checked).isGreaterThanOrEqualTo(SEEDS);
  }

  private static Set<Integer> all(int experts) {
    return new TreeSet<>(IntStream.range(0, experts).boxed().toList());
  }

  private static List<Integer> integers(JsonNode list) {
    List<Integer> integers = new ArrayList<>();
    list.forEach(
        element -> {
          assertThat(element.isIntegralNumber()).isTrue();
          integers.add(element.intValue());
        });
    return integers;
  }

  /** Of YAML, with a parser of YAML: integer keys, and every check of the load balancer. */
  @Test
  void tensorRtLlm() throws IOException {
    forEachFile(
        ExportFormat.TENSORRT_LLM,
        (bytes, file, plans) -> {
          JsonNode config = new YAMLMapper().readTree(bytes);
          int experts = plans.problem().model().expertsPerLayer();
          assertThat(config.propertyNames())
              .containsExactlyInAnyOrder(
                  "num_slots", "layer_updates_per_iter", "initial_global_assignments");
          assertThat(config.get("layer_updates_per_iter").intValue()).isZero();
          int slots = config.get("num_slots").intValue();
          assertThat(slots % file.packing().packing().accelerators()).isZero();
          assertThat(slots).isGreaterThanOrEqualTo(experts);
          JsonNode assignments = config.get("initial_global_assignments");
          assertThat(assignments.propertyNames())
              .containsExactlyElementsOf(
                  IntStream.range(0, plans.instance().layers())
                      .mapToObj(l -> Integer.toString(l + DENSE))
                      .toList());
          assignments.forEach(
              row -> {
                assertThat(integers(row)).hasSize(slots);
                assertThat(new TreeSet<>(integers(row))).isEqualTo(all(experts));
              });
        });
  }

  /** A matrix over all layers, every expert of which has a slot in every row. */
  @Test
  void sglang() throws IOException {
    forEachFile(
        ExportFormat.SGLANG,
        (bytes, file, plans) -> {
          JsonNode document = new JsonMapper().readTree(bytes);
          // Further fields would be handed on as arguments that are not known.
          assertThat(document.propertyNames()).containsExactly("physical_to_logical_map");
          JsonNode map = document.get("physical_to_logical_map");
          int experts = plans.problem().model().expertsPerLayer();
          assertThat(map).hasSize(plans.instance().layers() + DENSE);
          int slots = map.get(0).size();
          assertThat(slots % file.packing().packing().accelerators()).isZero();
          for (int l = 0; l < map.size(); l++) {
            List<Integer> row = integers(map.get(l));
            assertThat(row).hasSize(slots);
            assertThat(new TreeSet<>(row)).isEqualTo(all(experts));
            if (l < DENSE) {
              assertThat(row)
                  .isEqualTo(IntStream.range(0, slots).mapToObj(j -> j % experts).toList());
            }
          }
          // As the option for redundant experts tells the engine.
          assertThat(file.usage())
              .contains("--ep-num-redundant-experts " + (slots - experts) + " ");
        });
  }

  /** Each expert's slot is found through its place on a device, and all of them are found. */
  @Test
  void vllmAscend() throws IOException {
    forEachFile(
        ExportFormat.VLLM_ASCEND,
        (bytes, file, plans) -> {
          JsonNode document = new JsonMapper().readTree(bytes);
          int layers = plans.instance().layers();
          int experts = plans.problem().model().expertsPerLayer();
          assertThat(document.get("moe_layer_count").intValue()).isEqualTo(layers);
          assertThat(document.get("layer_list")).hasSize(layers);
          for (int l = 0; l < layers; l++) {
            JsonNode layer = document.get("layer_list").get(l);
            assertThat(layer.get("layer_id").intValue()).isEqualTo(l);
            JsonNode devices = layer.get("device_list");
            assertThat(devices).hasSize(file.packing().packing().accelerators());
            assertThat(layer.get("device_count").intValue()).isEqualTo(devices.size());
            int[] slot = new int[experts];
            java.util.Arrays.fill(slot, -1);
            int each = devices.get(0).get("device_expert").size();
            for (int d = 0; d < devices.size(); d++) {
              assertThat(devices.get(d).get("device_id").intValue()).isEqualTo(d);
              List<Integer> on = integers(devices.get(d).get("device_expert"));
              assertThat(on).hasSize(each).doesNotHaveDuplicates();
              for (int i = 0; i < each; i++) {
                slot[on.get(i)] = d * each + i;
              }
            }
            assertThat(slot).doesNotContain(-1);
          }
        });
  }

  /** The two conditions of Omni-Infer's tool, on an array that is decoded by hand. */
  @Test
  void omniInfer() throws IOException {
    forEachFile(
        ExportFormat.OMNI_INFER,
        (bytes, file, plans) -> {
          ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
          int data = 10 + buffer.getShort(8);
          int devices = file.packing().packing().accelerators();
          int layers = plans.instance().layers();
          int experts = plans.problem().model().expertsPerLayer();
          assertThat(new String(bytes, 10, data - 10, StandardCharsets.US_ASCII))
              .startsWith(
                  "{'descr': '<i4', 'fortran_order': False, 'shape': (%d, %d, %d), }"
                      .formatted(devices, layers, experts));
          assertThat(bytes).hasSize(data + 4 * devices * layers * experts);
          for (int l = 0; l < layers; l++) {
            Set<Integer> assigned = new HashSet<>();
            Set<Integer> held = new HashSet<>();
            for (int d = 0; d < devices; d++) {
              int sum = 0;
              for (int e = 0; e < experts; e++) {
                int value = buffer.getInt(data + 4 * ((d * layers + l) * experts + e));
                assertThat(value).isBetween(0, 1);
                sum += value;
                if (value == 1) {
                  assigned.add(e);
                }
              }
              held.add(sum);
            }
            assertThat(assigned).isEqualTo(all(experts));
            assertThat(held).hasSize(1);
          }
        });
  }

  /** The three maps of EPLB have its shapes and say the same. */
  @Test
  void eplb() throws IOException {
    forEachFile(
        ExportFormat.EPLB,
        (bytes, file, plans) -> {
          JsonNode maps = new JsonMapper().readTree(bytes);
          int layers = plans.instance().layers();
          int experts = plans.problem().model().expertsPerLayer();
          assertThat(maps.get("phy2log")).hasSize(layers);
          assertThat(maps.get("log2phy")).hasSize(layers);
          assertThat(maps.get("logcnt")).hasSize(layers);
          int most = 0;
          for (int l = 0; l < layers; l++) {
            assertThat(maps.get("layers").get(l).intValue()).isEqualTo(l + DENSE);
            List<Integer> phy2log = integers(maps.get("phy2log").get(l));
            assertThat(phy2log).hasSameSizeAs(integers(maps.get("phy2log").get(0)));
            for (int e = 0; e < experts; e++) {
              int count = maps.get("logcnt").get(l).get(e).intValue();
              most = Math.max(most, count);
              List<Integer> slots = integers(maps.get("log2phy").get(l).get(e));
              assertThat(slots.subList(0, count)).doesNotHaveDuplicates();
              for (int j : slots.subList(0, count)) {
                assertThat(phy2log.get(j)).isEqualTo(e);
              }
              assertThat(slots.subList(count, slots.size())).allMatch(j -> j == -1);
              assertThat(count).isPositive();
            }
            assertThat(integers(maps.get("logcnt").get(l)).stream().mapToInt(c -> c).sum())
                .isEqualTo(phy2log.size());
          }
          int width = most;
          maps.get("log2phy").forEach(row -> row.forEach(s -> assertThat(s).hasSize(width)));
        });
  }
}
