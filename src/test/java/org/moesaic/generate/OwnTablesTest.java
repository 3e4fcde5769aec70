package org.moesaic.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.moesaic.problem.Model;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Problem;

/** Models and offers of one's own. */
class OwnTablesTest {
  @TempDir private Path folder;

  /** As published with DeepSeek-V3, with the fields that matter. */
  @Test
  void configOfDeepSeekV3IsTheModelOfTheTable() throws IOException {
    Model own =
        generate(
                """
                { "model_type": "deepseek_v3", "first_k_dense_replace": 3, "hidden_size": 7168,
                  "intermediate_size": 18432, "kv_lora_rank": 512, "moe_intermediate_size": 2048,
                  "n_routed_experts": 256, "n_shared_experts": 1, "num_attention_heads": 128,
                  "num_experts_per_tok": 8, "num_hidden_layers": 61, "num_key_value_heads": 128,
                  "q_lora_rank": 1536, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64,
                  "v_head_dim": 128, "vocab_size": 129280 }
                """)
            .model();
    Model table = Generator.generate(GeneratorOptions.builder().build()).model();

    assertThat(own.name()).isEqualTo("deepseek_v3");
    assertThat(own.moeLayers()).isEqualTo(58);
    assertThat(own.backbone()).isEqualTo(table.backbone());
    assertThat(own.expertBytes()).isEqualTo(table.expertBytes());
    assertThat(own.topK()).isEqualTo(8);
  }

  /** As published with Qwen3-30B-A3B: grouped queries with heads of their own width. */
  @Test
  void configWithGroupedQueries() throws IOException {
    Model own =
        generate(
                """
                { "model_type": "qwen3_moe", "head_dim": 128, "hidden_size": 2048,
                  "intermediate_size": 6144, "moe_intermediate_size": 768, "num_experts": 128,
                  "num_attention_heads": 32, "num_experts_per_tok": 8, "num_hidden_layers": 48,
                  "num_key_value_heads": 4, "vocab_size": 151936 }
                """)
            .model();

    // Attention 2 * 2048 * 128 * 36, router 2048 * 128, and a 48th of 2 * 151,936 * 2048.
    assertThat(own.backbone())
        .isNotNull()
        .satisfies(b -> assertThat(b.bytesPerLayer()).isEqualTo(32_101_717));
    assertThat(own.moeLayers()).isEqualTo(48);
  }

  @Test
  void configThatLacksAFigureOrIsNone() {
    assertThatThrownBy(() -> generate("{ \"hidden_size\": 5, \"num_hidden_layers\": 2 }"))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("n_routed_experts or num_experts or num_local_experts");
    assertThatThrownBy(() -> generate("no JSON"))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("a config.json was meant");
    assertThatThrownBy(
            () ->
                Generator.generate(
                    GeneratorOptions.builder().modelFile(folder.resolve("none")).build()))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("cannot be read");
  }

  @Test
  void ownOffersTakeThePlaceOfTheTable() throws IOException {
    List<Offer> offers =
        offers(
            "own.csv",
            "",
            """
            provider,region,accelerator,accelerators,usdPerNodeHour,networkGbps,fabric
            azure,us-ashburn,H100,8,60.5,3200,infiniband
            # a quote
            oci,uk-london-1,H200,4,31,,
            """);

    assertThat(offers.stream().map(Offer::id))
        .containsExactly("azure-us-ashburn-h100", "oci-uk-london-h200");
    assertThat(offers.stream().map(Offer::usdPerNodeHour)).containsExactly(60.5, 31.0);
    assertThat(offers.get(0).networkGbpsPerNode()).isEqualTo(3200);
    assertThat(offers.get(1).networkGbpsPerNode()).isNull();
    // Four times 141 GiB.
    assertThat(offers.get(1).memoryGibPerNode()).isEqualTo(564);
  }

  @Test
  void catalogueOfSkyPilotIsReadAsItIs() throws IOException {
    List<Offer> offers =
        offers(
            "vms.csv",
            "aws=",
            """
            InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone
            p5.48xlarge,H100,8.0,192.0,2048.0,"{'Gpus': [{'Name': 'H100', 'Count': 8}], 'x': 1}",55.04,20.1,us-east-1,us-east-1a
            p5.48xlarge,H100,8.0,192.0,2048.0,"{'Gpus': []}",54.5,,us-east-1,us-east-1b
            m5.large,,,2.0,8.0,,0.096,0.04,us-east-1,us-east-1a
            p4de.24xlarge,A100-80GB,8.0,96.0,1152.0,,27.45,,us-west-2,us-west-2a
            p4d.24xlarge,A100,8.0,96.0,1152.0,,21.96,,us-west-2,us-west-2a
            p5.4xlarge,H100,1.0,16.0,256.0,,6.88,,us-east-1,us-east-1a
            p5.48xlarge,H100,8.0,192.0,2048.0,,60,,mars-north-1,mars-north-1a
            """);

    assertThat(offers.stream().map(Offer::id))
        .containsExactly("aws-us-ashburn-h100", "aws-us-oregon-a100");
    assertThat(offers.stream().map(Offer::usdPerNodeHour)).containsExactly(54.5, 27.45);
    assertThat(offers.get(0).fabric()).isEqualTo("efa");
  }

  @Test
  void offersThatCannotBeRead() {
    assertThatThrownBy(() -> offers("a.csv", "", "provider,region\n"))
        .hasMessageContaining("lack columns: accelerator, usdPerNodeHour");
    assertThatThrownBy(
            () ->
                offers(
                    "b.csv", "", "provider,region,accelerator,usdPerNodeHour\naws,moon,H100,5\n"))
        .hasMessageContaining("(aws/moon)");
    assertThatThrownBy(
            () ->
                offers(
                    "c.csv",
                    "",
                    "provider,region,accelerator,usdPerNodeHour\naws,us-ashburn,H100,cheap\n"))
        .hasMessageContaining("aws,us-ashburn,H100,cheap");
    assertThatThrownBy(
            () ->
                offers("d.csv", "", "InstanceType,AcceleratorName,AcceleratorCount,Price,Region\n"))
        .hasMessageContaining("aws=");
    assertThatThrownBy(() -> offers("e.csv", "", "")).hasMessageContaining("are empty");
  }

  private Problem generate(String config) throws IOException {
    Path file = Files.writeString(folder.resolve("config.json"), config);
    return Generator.generate(GeneratorOptions.builder().modelFile(file).build());
  }

  private List<Offer> offers(String name, String before, String csv) throws IOException {
    Path file = Files.writeString(folder.resolve(name), csv);
    return Generator.generate(
            GeneratorOptions.builder()
                .model("mixtral-8x7b")
                .offersFiles(List.of(before + file))
                .origins(Selection.parse("aws/us-ashburn"))
                .build())
        .offers();
  }
}
