package org.moesaic.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.moesaic.json.InvalidInputException;
import org.moesaic.pack.LayerPacking;
import org.moesaic.pack.OfferPacking;
import org.moesaic.pack.Packing;

/** Files as the engines' own documentation, tools and tests have them, written by hand. */
class EngineFilesTest {
  @TempDir private Path folder;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static OfferShape shape(int accelerators, int experts, int moeLayers, int dense) {
    return new OfferShape(
        "a", 1, accelerators, experts, ModelLayers.of(moeLayers, DenseLayers.leading(dense)));
  }

  private static List<List<Integer>> rows(OfferPacking packing) {
    return packing.packing().layers().stream().map(LayerPacking::slotExperts).toList();
  }

  private static OfferPacking packing(OfferShape shape, List<List<Integer>> rows) {
    List<LayerPacking> layers = new ArrayList<>();
    for (int l = 0; l < rows.size(); l++) {
      layers.add(new LayerPacking(l, rows.get(l), 0, 0, 0));
    }
    return new OfferPacking(
        shape.offer(),
        shape.nodes(),
        shape.acceleratorsPerNode(),
        new Packing(shape.accelerators(), shape.experts(), layers),
        List.of(),
        0,
        Double.POSITIVE_INFINITY);
  }

  private static String written(ExportFormat format, OfferShape shape, List<List<Integer>> rows) {
    return new String(
        format.files().write(packing(shape, rows), shape.layers()), StandardCharsets.UTF_8);
  }

  /** The assignments of TensorRT-LLM's accuracy test of static balancing, in its tool's order. */
  @Test
  void tensorRtLlmConfiguration() throws IOException {
    var text = new StringBuilder("initial_global_assignments:\n");
    List<List<Integer>> expected = new ArrayList<>();
    for (int layer = 1; layer < 30; layer++) {
      int i = layer;
      List<Integer> row = IntStream.range(0, 80).map(j -> (i + j) % 72).boxed().toList();
      expected.add(row);
      text.append("  ").append(layer).append(": ").append(row).append('\n');
    }
    text.append("layer_updates_per_iter: 0\nnum_slots: 80\n");
    OfferShape shape = shape(4, 72, 29, 1);
    OfferPacking read =
        Exports.read(ExportFormat.TENSORRT_LLM, file("eplb.yaml", text.toString()), shape);
    assertThat(rows(read)).isEqualTo(expected);
  }

  @Test
  void tensorRtLlmAsItIsWritten() {
    assertThat(
            written(
                ExportFormat.TENSORRT_LLM,
                shape(2, 3, 2, 3),
                List.of(List.of(2, 0, 1, 2), List.of(0, 1, 2, 0))))
        .isEqualTo(
            """
            num_slots: 4
            layer_updates_per_iter: 0
            initial_global_assignments:
              3: [2, 0, 1, 2]
              4: [0, 1, 2, 0]
            """);
  }

  /** Lists as PyYAML writes them without and with a width, and as people do. */
  @Test
  void yamlOfOthers() throws IOException {
    String text =
        """
        ---
        # made by hand
        num_slots: 4   # two ranks
        initial_global_assignments:
          3:
          - 2
          - 0
          - 1
          - 2
          4: [0, 1,
            2,
            0]

          5: [
            1, 1, 2, 0,
          ]
        layer_updates_per_iter: 0
        """;
    OfferShape shape = shape(2, 3, 3, 3);
    assertThat(rows(Exports.read(ExportFormat.TENSORRT_LLM, file("a.yaml", text), shape)))
        .containsExactly(List.of(2, 0, 1, 2), List.of(0, 1, 2, 0), List.of(1, 1, 2, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "num_slots: 4|num_slots: 5|a.yaml:3: The list of layer 3 must have num_slots elements, 5,"
            + " but has 4.",
        "num_slots: 4|num_slot: 4|a.yaml:1: The key (num_slot) is not known.#Maybe num_slots is"
            + " meant",
        "num_slots: 4|num_slots: four|a.yaml:1: The value (four) must be a whole number",
        "num_slots: 4|num_slots: 010|a.yaml:1: The value (010) must be a whole number",
        "num_slots: 4|# nothing|a.yaml: The file must have num_slots and"
            + " initial_global_assignments",
        "2, 0, 1, 2]|2, 0, 1|a.yaml:5: The value (4: [0) must be a whole number",
        "2, 0, 1, 2]|2, 0, 1, 3]|a.yaml:3: The expert (3) in slot 3 of the list of layer 3 must be"
            + " one of 3",
        "2, 0, 1, 2]|2, 0, , 2]|a.yaml:3: The value () must be a whole number",
        "2, 0, 1, 2]|2, 0, -1, 2]|a.yaml:3: The value (-1) must be a whole number",
        "[2, 0, 1, 2]|&anchor [2]|a.yaml:3: The value of layer 3 must be a list",
        "'  4:'|'   4:'|a.yaml:5: The line must not be indented like this",
        "  4:|  3:|a.yaml:5: The key (3) is there twice",
        "  4:|  9:|a.yaml:5: The layer (9) must be one of the model's layers with experts",
        "# more|\"text\"|a.yaml:4: The line must be a key with a colon",
        "2, 0]|2, 0|The last list must end with a bracket.#Maybe the file was cut",
      })
  void wrongYaml(String from, String to, String expected) throws IOException {
    String text =
        """
        num_slots: 4
        initial_global_assignments:
          3: [2, 0, 1, 2]
        # more
          4: [0, 1, 2, 0]
        """;
    assertThat(text).contains(from);
    Path file = file("a.yaml", text.replace(from, to));
    assertThatThrownBy(() -> Exports.read(ExportFormat.TENSORRT_LLM, file, shape(2, 3, 2, 3)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContainingAll(expected.split("#"))
        .hasMessageContaining("Maybe");
  }

  @Test
  void onlineBalancing() throws IOException {
    Path file =
        file(
            "a.yaml",
            "num_slots: 2\nlayer_updates_per_iter: 2\ninitial_global_assignments:\n  0: [0, 1]\n");
    assertThatThrownBy(() -> Exports.read(ExportFormat.TENSORRT_LLM, file, shape(2, 2, 1, 0)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("a.yaml:2: The layer_updates_per_iter (2) must be 0");
  }

  /** Rows for all layers; the engine's own trivial ones where there are no experts. */
  @Test
  void sglangLocation() throws IOException {
    OfferShape shape = shape(2, 3, 2, 1);
    String text =
        """
        {
          "physical_to_logical_map": [
            [0, 1, 2, 0],
            [2, 0, 1, 2],
            [0, 1, 2, 0]
          ]
        }
        """;
    List<List<Integer>> rows = List.of(List.of(2, 0, 1, 2), List.of(0, 1, 2, 0));
    assertThat(rows(Exports.read(ExportFormat.SGLANG, file("a.json", text), shape)))
        .isEqualTo(rows);
    assertThat(written(ExportFormat.SGLANG, shape, rows)).isEqualTo(text);
  }

  @Test
  void wrongSglangLocation() throws IOException {
    OfferShape shape = shape(2, 3, 2, 1);
    Path file =
        file(
            "a.json", "{\"physical_to_logical_map\": [[0,1],[0,1,2],[0,4]], \"logical_count\": 1}");
    assertThatThrownBy(() -> Exports.read(ExportFormat.SGLANG, file, shape))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("logical_count")
        .hasMessageContaining("Maybe");
    Path other = file("b.json", "{\"physical_to_logical_map\": [[0,1],[0,1,2],[0,4]]}");
    assertThatThrownBy(() -> Exports.read(ExportFormat.SGLANG, other, shape))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("b.json#/physical_to_logical_map/1")
        .hasMessageContaining("must have 2 slots like the first, but has 3")
        .hasMessageContaining("The expert (4) in slot 1 of the row of layer 2 must be one of 3");
    assertThatThrownBy(() -> Exports.read(ExportFormat.SGLANG, other, shape(2, 3, 2, 2)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("must have 4 rows, one for each layer of the model, but has 3");
  }

  /** The map that vLLM Ascend's own tests load. */
  @Test
  void vllmAscendMap() throws IOException {
    String text =
        """
        {
            "moe_layer_count":
            1,
            "layer_list": [{
                "layer_id":
                0,
                "device_count":
                2,
                "device_list": [{
                    "device_id": 0,
                    "device_expert": [7, 2, 0, 3, 5]
                }, {
                    "device_id": 1,
                    "device_expert": [6, 1, 4, 7, 2]
                }]
            }]
        }
        """;
    OfferShape shape = shape(2, 8, 1, 0);
    List<List<Integer>> rows = List.of(List.of(7, 2, 0, 3, 5, 6, 1, 4, 7, 2));
    assertThat(rows(Exports.read(ExportFormat.VLLM_ASCEND, file("a.json", text), shape)))
        .isEqualTo(rows);
    assertThat(written(ExportFormat.VLLM_ASCEND, shape, rows).replaceAll("\\s", ""))
        .isEqualTo(text.replaceAll("\\s", ""));

    String wrong =
        text.replace("[7, 2, 0, 3, 5]", "[7, 2, 0, 3, 3]")
            .replace("\"device_id\": 1", "\"device_id\": 2");
    Path wrongFile = file("b.json", wrong);
    assertThatThrownBy(() -> Exports.read(ExportFormat.VLLM_ASCEND, wrongFile, shape))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "b.json#/layer_list/0/device_list/1/device_id (line 13, column 26): The device_id (2)"
                + " must be 1.");
    Path repeated = file("c.json", text.replace("[7, 2, 0, 3, 5]", "[7, 2, 0, 3, 3]"));
    assertThatThrownBy(() -> Exports.read(ExportFormat.VLLM_ASCEND, repeated, shape))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The expert (3) must be on a device once.");
    Path file = file("d.json", text);
    assertThatThrownBy(() -> Exports.read(ExportFormat.VLLM_ASCEND, file, shape(5, 8, 2, 0)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The moe_layer_count (1) must be 2.")
        .hasMessageContaining("The device_count (2) must be 5.");
  }

  /** The example of EPLB's README, with the maps that follow from what it prints. */
  @Test
  void eplbExample() throws IOException {
    String phy2log =
        """
        [
            [5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1],
            [7, 10, 6, 8, 6, 11, 8, 9, 2, 4, 5, 1, 5, 0, 3, 1]
          ]\
        """;
    String text =
        """
        {
          "layers": [0, 1],
          "phy2log": %s,
          "log2phy": [
            [[12, -1], [13, 15], [11, -1], [6, -1], [5, 7], [2, 0], [1, -1], [3, -1], [4, -1], [9, -1], [8, 10], [14, -1]],
            [[13, -1], [11, 15], [8, -1], [14, -1], [9, -1], [10, 12], [2, 4], [0, -1], [3, 6], [7, -1], [1, -1], [5, -1]]
          ],
          "logcnt": [
            [1, 2, 1, 1, 2, 2, 1, 1, 1, 1, 2, 1],
            [1, 2, 1, 1, 1, 2, 2, 1, 2, 1, 1, 1]
          ]
        }
        """
            .formatted(phy2log);
    OfferShape shape = shape(8, 12, 2, 0);
    OfferPacking read = Exports.read(ExportFormat.EPLB, file("a.json", text), shape);
    assertThat(rows(read).get(0)).startsWith(5, 6, 5, 7).endsWith(0, 1, 11, 1).hasSize(16);
    // Slots of an expert ascend when they are written; their order means nothing.
    assertThat(written(ExportFormat.EPLB, shape, rows(read)).replaceAll("\\s", ""))
        .isEqualTo(text.replace("[2, 0]", "[0, 2]").replaceAll("\\s", ""));

    Path wrong = file("b.json", text.replace("[12, -1]", "[13, -1]"));
    assertThatThrownBy(() -> Exports.read(ExportFormat.EPLB, wrong, shape))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("b.json#/log2phy/0")
        .hasMessageContaining("The log2phy must follow from phy2log, but its row 0 does not.");
    Path count = file("c.json", text.replace("[1, 2, 1, 1, 1,", "[1, 1, 1, 1, 1,"));
    assertThatThrownBy(() -> Exports.read(ExportFormat.EPLB, count, shape))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("c.json#/logcnt/1");
    Path layers = file("d.json", text.replace("\"layers\": [0, 1]", "\"layers\": [0, 0]"));
    assertThatThrownBy(() -> Exports.read(ExportFormat.EPLB, layers, shape))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("d.json#/layers/1");
  }

  /** An array put together by hand from the description of the format. */
  @Test
  void omniInferPattern() throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.write(0x93);
    bytes.write("NUMPY".getBytes(StandardCharsets.US_ASCII));
    bytes.write(new byte[] {1, 0, 118, 0}); // 10 bytes before the header, 128 with it
    String dictionary = "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 1, 3), }";
    bytes.write(dictionary.getBytes(StandardCharsets.US_ASCII));
    for (int i = dictionary.length(); i < 117; i++) {
      bytes.write(' ');
    }
    bytes.write('\n');
    for (int one : new int[] {1, 0, 1, 0, 1, 1}) {
      bytes.write(new byte[] {(byte) one, 0, 0, 0});
    }
    Path file = Files.write(folder.resolve("a.npy"), bytes.toByteArray());
    OfferShape shape = shape(2, 3, 1, 0);
    assertThat(rows(Exports.read(ExportFormat.OMNI_INFER, file, shape)))
        .containsExactly(List.of(0, 2, 1, 2));
    assertThat(
            ExportFormat.OMNI_INFER
                .files()
                .write(packing(shape, List.of(List.of(2, 0, 1, 2))), shape.layers()))
        .isEqualTo(bytes.toByteArray());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<i4|<f4|The type (<f4) of the array must be one of <i4, <i8",
        "False|True |The array must be in C order",
        "(2, 1, 3)|(3, 1, 2)|The shape (3,1,2) of the array must be (2,1,3): accelerators, MoE"
            + " layers, experts.",
        "NUMPY|NUMBY|The file must begin as a NumPy array does",
        "'shape'|'shaqe'|The header of the array must say its shape",
        "'descr'|'descs'|The header of the array must say its descr",
      })
  void wrongArray(String from, String to, String expected) throws IOException {
    OfferShape shape = shape(2, 3, 1, 0);
    byte[] right =
        ExportFormat.OMNI_INFER
            .files()
            .write(packing(shape, List.of(List.of(2, 0, 1, 2))), shape.layers());
    String text = new String(right, StandardCharsets.ISO_8859_1);
    assertThat(text).contains(from);
    Path file =
        Files.write(
            folder.resolve("a.npy"), text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> Exports.read(ExportFormat.OMNI_INFER, file, shape))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(expected)
        .hasMessageContaining("Maybe");
  }

  @Test
  void wrongBytesOfArray() throws IOException {
    OfferShape shape = shape(2, 3, 1, 0);
    byte[] right =
        ExportFormat.OMNI_INFER
            .files()
            .write(packing(shape, List.of(List.of(2, 0, 1, 2))), shape.layers());
    // Any byte missing, and any one changed in the data, is found.
    for (int length = 0; length < right.length; length++) {
      Path file = Files.write(folder.resolve("cut.npy"), java.util.Arrays.copyOf(right, length));
      assertThatThrownBy(() -> Exports.read(ExportFormat.OMNI_INFER, file, shape))
          .as("cut after %d bytes", length)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("Maybe");
    }
    Path longer =
        Files.write(folder.resolve("long.npy"), java.util.Arrays.copyOf(right, right.length + 1));
    assertThatThrownBy(() -> Exports.read(ExportFormat.OMNI_INFER, longer, shape))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The file must end after 152 bytes, but has 153.");
    byte[] two = right.clone();
    two[128 + 4] = 2;
    Path counts = Files.write(folder.resolve("two.npy"), two);
    assertThatThrownBy(() -> Exports.read(ExportFormat.OMNI_INFER, counts, shape))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The element (2) at byte 132 must be 0 or 1.");
    byte[] uneven = right.clone();
    uneven[128 + 4] = 1;
    Path three = Files.write(folder.resolve("three.npy"), uneven);
    assertThatThrownBy(() -> Exports.read(ExportFormat.OMNI_INFER, three, shape))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "The device 1 must hold as many experts of layer 0 as the first, 3, but holds 2.");
  }

  @Test
  void tableOfSlots() throws IOException {
    OfferShape shape = new OfferShape("a, \"b\"", 1, 2, 3, ModelLayers.of(2, DenseLayers.NONE));
    String text =
        """
        offer,layer,accelerator,slot,expert
        "a, ""b""\",0,0,0,2
        "a, ""b""\",0,1,1,0
        "a, ""b""\",1,0,0,0
        "a, ""b""\",1,0,1,1
        "a, ""b""\",1,1,2,2
        "a, ""b""\",1,1,3,0
        """;
    List<List<Integer>> rows = List.of(List.of(2, 0), List.of(0, 1, 2, 0));
    assertThat(rows(Exports.read(ExportFormat.CSV, file("a.csv", text), shape))).isEqualTo(rows);
    assertThat(written(ExportFormat.CSV, shape, rows)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a,0,1,1,0|a,0,0,1,0|a.csv:3: The accelerator (0) of slot 1 must be 1: each has 1 slots.",
        "a,0,1,1,0|a,0,1,0,0|a.csv:3: The slot (0) must be 1",
        "a,0,1,1,0|a,0,1,1,3|a.csv:3: The expert (3) must be a whole number from 0 to 2.",
        "a,0,1,1,0|a,2,1,1,0|a.csv:3: The layer (2) must be a whole number from 0 to 1.",
        "a,0,1,1,0|b,0,1,1,0|a.csv:3: The offer (b) must be a.",
        "a,0,1,1,0|a,0,1,1|a.csv:3: The row has 4 values, but the header has 5.",
        "a,0,1,1,0|\"a,0,1,1,0|a.csv:3: The quotes of the row must come in pairs.",
        "offer,layer|layer,offer|a.csv:1: The header (layer,offer,accelerator,slot,expert) must be",
      })
  void wrongTable(String from, String to, String expected) throws IOException {
    String text = "offer,layer,accelerator,slot,expert\na,0,0,0,2\na,0,1,1,0\n";
    assertThat(text).contains(from);
    Path file = file("a.csv", text.replace(from, to));
    assertThatThrownBy(() -> Exports.read(ExportFormat.CSV, file, shape(2, 3, 2, 0)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(expected)
        .hasMessageContaining("Maybe");
  }
}
