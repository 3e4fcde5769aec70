package org.moesaic.export;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.moesaic.json.Texts;

/** The formats that a plan can be exported to. */
public enum ExportFormat {
  /**
   * The YAML file that {@code moe_config.load_balancer} of TensorRT-LLM names: {@code num_slots},
   * {@code layer_updates_per_iter} and {@code initial_global_assignments} by model layer.
   */
  TENSORRT_LLM("tensorrt-llm", ".tensorrt-llm.yaml", new TensorRtLlmFormat()),
  /** The JSON file that {@code --init-expert-location} of SGLang names. */
  SGLANG("sglang", ".sglang.json", new SglangFormat()),
  /** The JSON file that {@code eplb_config.expert_map_path} of vLLM Ascend names. */
  VLLM_ASCEND("vllm-ascend", ".vllm-ascend.json", new VllmAscendFormat()),
  /** The NumPy array that {@code pattern_path} of Omni-Infer's placement names. */
  OMNI_INFER("omni-infer", ".omni-infer.npy", new OmniInferFormat()),
  /** What {@code rebalance_experts} of DeepSeek's EPLB returns, as JSON. */
  EPLB("eplb", ".eplb.json", new EplbFormat()),
  /** A table with one row per slot. */
  CSV("csv", ".slots.csv", new SlotsCsvFormat());

  private final String title;
  private final String suffix;
  private final OfferFormat files;

  ExportFormat(String title, String suffix, OfferFormat files) {
    this.title = title;
    this.suffix = suffix;
    this.files = files;
  }

  /** Its name as options spell it, e.g. {@code tensorrt-llm}. */
  public String title() {
    return title;
  }

  /** What the names of its files end with, e.g. {@code .sglang.json}. */
  public String suffix() {
    return suffix;
  }

  /**
   * Whether every layer needs as many slots as every other, since the format has one number for
   * all.
   */
  public boolean uniform() {
    return files.uniform();
  }

  OfferFormat files() {
    return files;
  }

  /** The formats that can hold a layer of which an offer holds only some experts, by title. */
  static List<String> partialTitles() {
    return Arrays.stream(values())
        .filter(format -> format.files.partial() != OfferFormat.Partial.NEVER)
        .map(ExportFormat::title)
        .toList();
  }

  /**
   * The format of a title.
   *
   * @throws IllegalArgumentException if there is none, with those that there are
   */
  public static ExportFormat of(String title) {
    return Arrays.stream(values())
        .filter(format -> format.title.equals(title))
        .findFirst()
        .orElseThrow(
            () -> {
              List<String> known = Arrays.stream(values()).map(ExportFormat::title).toList();
              return new IllegalArgumentException(
                  "The format (%s) must be one of %s.%n%s"
                      .formatted(
                          Texts.shown(title),
                          known.stream().collect(Collectors.joining(", ")),
                          Texts.nearest(title, known)
                              .map("Maybe %s is meant."::formatted)
                              .orElse("Maybe csv is the one to convert from.")));
            });
  }
}
