package org.moesaic.export;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import org.moesaic.json.Issues;

/** Reads one file of one offer back. */
interface OfferReader {
  /**
   * Reads a file.
   *
   * @param issues receives what is wrong; if it has errors afterwards, the result is of no use
   * @return for each plan layer of which there are slots, the expert in each slot
   */
  SortedMap<Integer, List<Integer>> read(Path file, OfferShape shape, Issues issues);

  /** The reader of a format. */
  static OfferReader of(ExportFormat format) {
    return switch (format) {
      case TENSORRT_LLM -> new TensorRtLlmReader();
      case SGLANG -> new SglangReader();
      case VLLM_ASCEND -> new VllmAscendReader();
      case OMNI_INFER -> new OmniInferReader();
      case EPLB -> new EplbReader();
      case CSV -> new SlotsCsvReader();
    };
  }
}
