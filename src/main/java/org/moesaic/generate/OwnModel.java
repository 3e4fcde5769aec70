package org.moesaic.generate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The shape of a model of one's own, from the {@code config.json} that publishers put beside the
 * weights (the names of Hugging Face's transformers for DeepSeek, Kimi, Qwen and Mixtral):
 * attention with grouped queries, or latent where there is a {@code kv_lora_rank}.
 */
final class OwnModel {
  private final Path file;
  private final JsonNode config;

  private OwnModel(Path file, JsonNode config) {
    this.file = file;
    this.config = config;
  }

  /**
   * Reads a shape.
   *
   * @throws InvalidOptionException if the file cannot be read, is no such file, or lacks a figure
   */
  static ModelShape read(Path file) {
    JsonNode config;
    try {
      config = JsonMapper.shared().readTree(Files.readAllBytes(file));
    } catch (IOException | JacksonException e) {
      throw new InvalidOptionException(
          "The model (%s) cannot be read: %s.".formatted(file, e.getMessage()),
          "a config.json was meant.");
    }
    return new OwnModel(file, config).shape();
  }

  private ModelShape shape() {
    int dense = numberOr(0, "first_k_dense_replace");
    int layers = number("num_hidden_layers") - dense;
    int experts = number("n_routed_experts", "num_experts", "num_local_experts");
    int hidden = number("hidden_size");
    int width = number("moe_intermediate_size", "intermediate_size");
    String name = String.valueOf(text("_name_or_path", "model_type"));
    if (layers < 1) {
      throw new InvalidOptionException(
          "The model (%s) has no layer with experts.".formatted(file), "it is a dense one.");
    }
    return new ModelShape(
        name,
        name,
        dense,
        layers,
        experts,
        number("num_experts_per_tok"),
        hidden,
        width,
        0,
        attention(hidden),
        numberOr(0, "n_shared_experts"),
        numberOr(width, "intermediate_size"),
        number("vocab_size"),
        file.getFileName().toString());
  }

  private long attention(long hidden) {
    long heads = number("num_attention_heads");
    if (!has("kv_lora_rank")) {
      long width = numberOr((int) (hidden / heads), "head_dim");
      return 2 * hidden * width * (heads + numberOr((int) heads, "num_key_value_heads"));
    }
    long latent = number("kv_lora_rank");
    long rope = number("qk_rope_head_dim");
    long plain = number("qk_nope_head_dim");
    long values = number("v_head_dim");
    long query = heads * (plain + rope);
    long queries = has("q_lora_rank") ? number("q_lora_rank") * (hidden + query) : hidden * query;
    return queries
        + hidden * (latent + rope)
        + latent * heads * (plain + values)
        + heads * values * hidden;
  }

  private boolean has(String field) {
    return config.path(field).isNumber();
  }

  private int number(String... fields) {
    for (String field : fields) {
      if (has(field)) {
        int value = config.path(field).asInt();
        if (value < 0) {
          break;
        }
        return value;
      }
    }
    throw new InvalidOptionException(
        "The model (%s) does not say %s.".formatted(file, String.join(" or ", fields)),
        "it is a config.json of another kind; --model names those that are known.");
  }

  private int numberOr(int otherwise, String field) {
    return has(field) ? number(field) : otherwise;
  }

  private @Nullable String text(String... fields) {
    return Arrays.stream(fields)
        .map(config::path)
        .filter(node -> node.isString() && !node.asString().isEmpty())
        .map(JsonNode::asString)
        .findFirst()
        .orElse(file.getFileName().toString());
  }
}
