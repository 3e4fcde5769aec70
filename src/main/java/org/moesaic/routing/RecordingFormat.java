package org.moesaic.routing;

import java.util.Arrays;
import java.util.List;

/** What a recording is written in. */
public enum RecordingFormat {
  /** JSON of SGLang: {@code {"logical_count": [[...]]}}, counts per layer and expert. */
  SGLANG("sglang", List.of("json")),
  /** A folder of TensorRT-LLM: {@code meta_info.json} and {@code rank*.safetensors}, counts. */
  TENSORRT_LLM("tensorrt-llm", List.of("safetensors")),
  /** An array of NumPy: counts if it has two dimensions, tokens if it has three. */
  NPY("npy", List.of("npy")),
  /** JSON Lines with {@code token_idx}, {@code layer} and {@code topk_ids}: tokens. */
  JSON_LINES("jsonl", List.of("jsonl", "ndjson")),
  /** Parquet with the columns {@code token_idx}, {@code layer} and {@code topk_ids}: tokens. */
  PARQUET("parquet", List.of("parquet")),
  /** CSV with {@code layer,expert,weight} and perhaps {@code origin}, as Moesaic writes it. */
  CSV("csv", List.of("csv"));

  private final String id;
  private final List<String> extensions;

  RecordingFormat(String id, List<String> extensions) {
    this.id = id;
    this.extensions = extensions;
  }

  /** What the command line calls it. */
  public String id() {
    return id;
  }

  /**
   * The format that the command line calls so.
   *
   * @throws IllegalArgumentException if there is none, with those that there are
   */
  public static RecordingFormat named(String id) {
    for (RecordingFormat format : values()) {
      if (format.id.equals(id)) {
        return format;
      }
    }
    throw new IllegalArgumentException(
        "There is no format (%s) to choose.%nMaybe one of these is meant: %s."
            .formatted(
                id, String.join(", ", Arrays.stream(values()).map(RecordingFormat::id).toList())));
  }

  /** How its files' names end, without the dot. */
  List<String> extensions() {
    return extensions;
  }
}
