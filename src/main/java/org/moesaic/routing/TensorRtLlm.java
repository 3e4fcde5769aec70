package org.moesaic.routing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.JsonParsers;
import org.moesaic.json.Limits;
import org.moesaic.json.Texts;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads the counts of TensorRT-LLM's expert statistic (its environment variable {@code
 * EXPERT_STATISTIC_ITER_RANGE}): a folder with a {@code rankN.safetensors} for each rank, in which
 * the tensor {@code {iteration}_{layer}} holds how often that rank's tokens chose each expert, and
 * a {@code meta_info.json} with {@code num_experts} and {@code num_experts_per_token}. Ranks and
 * iterations are added up. One tensor at a time is in memory, and the headers' list of tensors.
 *
 * <p>Sources: {@code tensorrt_llm/_torch/modules/fused_moe} (where it is written) and {@code
 * examples/wide_ep/ep_load_balancer/utils.py} (where it is read); the format of safetensors.
 */
final class TensorRtLlm {
  /** What the format of safetensors allows. */
  private static final long MOST_HEADER_BYTES = 100_000_000;

  static final String REMOVE_COPY = "Maybe one is the packed copy of the other; remove it.";

  private static final int MOST_TENSORS = 1 << 20;
  private static final Pattern KEY = Pattern.compile("(\\d{1,9})_(\\d{1,9})");
  private static final Pattern RANK = Pattern.compile("rank(\\d+)\\..*");

  private final OriginTally tally;

  /** Layers by iteration, of all ranks. */
  private final Map<Integer, BitSet> layersOf = new TreeMap<>();

  private final BitSet layers = new BitSet();

  private TensorRtLlm(OriginTally tally) {
    this.tally = tally;
  }

  /** Reads a folder's files: perhaps the one of JSON, then those of ranks; or one rank's alone. */
  static void read(List<Path> parts, OriginTally tally) {
    var reader = new TensorRtLlm(tally);
    tally.beginCounts();
    requireAllRanks(parts);
    for (Path part : parts) {
      boolean meta = String.valueOf(part.getFileName()).endsWith(".json");
      RecordingReading.readFile(part, tally.monitor(), source -> reader.read(source, meta));
    }
    reader.requireAllLayers(parts.get(parts.size() - 1));
    tally.named(parts.get(parts.size() - 1), reader.layers);
  }

  private static void requireAllRanks(List<Path> parts) {
    var ranks = new BitSet();
    for (Path part : parts) {
      Matcher rank = RANK.matcher(String.valueOf(part.getFileName()));
      if (rank.matches() && parts.size() > 1) {
        int number = Integer.parseInt(rank.group(1));
        if (ranks.get(number)) {
          throw Fault.of(part, "The rank %d is there twice.".formatted(number), REMOVE_COPY);
        }
        ranks.set(number);
      }
    }
    int missing = ranks.nextClearBit(0);
    if (missing < ranks.length()) {
      throw Fault.of(
          parts.get(parts.size() - 1),
          "There is a file of rank %d, but none of rank %d.".formatted(ranks.length() - 1, missing),
          "Maybe the folder was not copied completely; its counts would be too low.");
    }
  }

  private void requireAllLayers(Path file) {
    for (Map.Entry<Integer, BitSet> each : layersOf.entrySet()) {
      if (!each.getValue().equals(layers)) {
        BitSet missing = (BitSet) layers.clone();
        missing.andNot(each.getValue());
        throw Fault.of(
            file,
            "The iteration %d lacks layer %d in the files of all ranks up to this one."
                .formatted(each.getKey(), missing.nextSetBit(0)),
            "Maybe the recorder was ended while it wrote.");
      }
    }
  }

  private void read(Source source, boolean meta) throws IOException {
    try {
      if (meta) {
        readMeta(source);
      } else {
        readTensors(source);
      }
    } catch (JacksonException e) {
      throw SglangJson.explain(e, source);
    }
  }

  private void readMeta(Source source) {
    try (JsonParser parser = JsonParsers.of(source)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
          JsonToken value = parser.nextToken();
          switch (name) {
            case "num_experts" ->
                tally.shape().experts(source.file(), wholeNumber(source, parser, value, name));
            case "num_experts_per_token" ->
                tally.shape().topK(source.file(), wholeNumber(source, parser, value, name));
            default -> parser.skipChildren();
          }
        }
        if (parser.nextToken() == null) {
          return;
        }
      }
    }
    throw Fault.of(source.file(), "The file must hold one object.", "Maybe it was overwritten.");
  }

  private static long wholeNumber(Source source, JsonParser parser, JsonToken token, String name) {
    if (token == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      return parser.getLongValue();
    }
    throw Fault.of(
        source.file(),
        "The %s (%s) must be a whole number."
            .formatted(name, Texts.shown(String.valueOf(parser.getString()))),
        "Maybe the file was edited.");
  }

  // ---------------------------------------------------------------------------------- safetensors

  /**
   * One tensor.
   *
   * @param begin where it begins, counted from the end of the header
   * @param end where it ends
   */
  private record Tensor(
      int iteration, int layer, WholeNumbers numbers, long experts, long begin, long end) {}

  private void readTensors(Source source) throws IOException {
    byte[] size = new byte[8];
    source.readFully(size, size.length, "the length of the header");
    long length = ByteBuffer.wrap(size).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > MOST_HEADER_BYTES) {
      throw Fault.of(
          source.file(),
          "The header's length (%s), at byte 0, must be from 2 to %d."
              .formatted(Long.toUnsignedString(length), MOST_HEADER_BYTES),
          "Maybe this is no file of safetensors.");
    }
    byte[] header = source.readNBytes((int) length);
    if (header.length < length) {
      throw source.endsInside("the header", length - header.length);
    }
    List<Tensor> tensors = new HeaderReader(source).read(header);
    tensors.sort(Comparator.comparingLong(Tensor::begin));
    long start = 8 + length;
    long end = 0;
    for (Tensor tensor : tensors) {
      if (tensor.begin != end) {
        throw Fault.of(
            source.file(),
            "The tensor %d_%d must begin at %s, where the one before ends, but begins at byte %d."
                .formatted(
                    tensor.iteration,
                    tensor.layer,
                    source.byteAt(start + end),
                    start + tensor.begin),
            "Maybe the header is damaged.");
      }
      end = tensor.end;
    }
    for (Tensor tensor : tensors) {
      add(source, tensor, start);
    }
    source.requireEnd("the last tensor");
  }

  private void add(Source source, Tensor tensor, long start) throws IOException {
    int bytes = tensor.numbers.bytes();
    ByteBuffer row = ByteBuffer.allocate((int) tensor.experts * bytes);
    String name = "the tensor %d_%d".formatted(tensor.iteration, tensor.layer);
    source.readFully(row.array(), row.capacity(), name);
    CountRows.add(
        tally,
        tensor.numbers,
        row,
        tensor.layer,
        (expert, message, hint) ->
            Fault.of(
                source.file(),
                "%s: %s, at %s."
                    .formatted(
                        message, name, source.byteAt(start + tensor.begin + (long) expert * bytes)),
                hint));
    layersOf.computeIfAbsent(tensor.iteration, i -> new BitSet()).set(tensor.layer);
    layers.set(tensor.layer);
  }

  /** Reads a header: an object of tensors by name. */
  private final class HeaderReader {
    private final Source source;
    private final Map<Integer, BitSet> keys = new TreeMap<>();

    HeaderReader(Source source) {
      this.source = source;
    }

    List<Tensor> read(byte[] header) {
      var tensors = new ArrayList<Tensor>();
      try (JsonParser parser = JsonParsers.of(new ByteArrayInputStream(header))) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
          throw wrong("must be an object");
        }
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
          JsonToken value = parser.nextToken();
          if (name.equals("__metadata__")) {
            parser.skipChildren();
          } else if (tensors.size() == MOST_TENSORS) {
            throw wrong("has more than %d tensors".formatted(MOST_TENSORS));
          } else {
            tensors.add(tensor(parser, name, value));
          }
        }
        if (parser.nextToken() != null) {
          throw wrong("must be one object");
        }
      }
      if (tensors.isEmpty()) {
        throw wrong("has no tensors");
      }
      return tensors;
    }

    private Tensor tensor(JsonParser parser, String name, JsonToken value) {
      Matcher key = KEY.matcher(name);
      if (!key.matches() || Long.parseLong(key.group(2)) >= Limits.LAYERS) {
        throw wrong(
            "names a tensor (%s), which should be {iteration}_{layer}"
                .formatted(Texts.shown(name)));
      }
      int iteration = Integer.parseInt(key.group(1));
      int layer = Integer.parseInt(key.group(2));
      BitSet known = keys.computeIfAbsent(iteration, i -> new BitSet());
      if (known.get(layer)) {
        throw wrong("has the tensor %s twice".formatted(name));
      }
      known.set(layer);
      String type = null;
      List<Long> shape = null;
      List<Long> offsets = null;
      if (value == JsonToken.START_OBJECT) {
        for (String field = parser.nextName(); field != null; field = parser.nextName()) {
          JsonToken token = parser.nextToken();
          switch (field) {
            case "dtype" -> type = parser.getString();
            case "shape" -> shape = numbers(parser, token, name);
            case "data_offsets" -> offsets = numbers(parser, token, name);
            default -> parser.skipChildren();
          }
        }
      }
      return tensor(name, iteration, layer, type, shape, offsets);
    }

    private Tensor tensor(
        String name,
        int iteration,
        int layer,
        @Nullable String type,
        @Nullable List<Long> shape,
        @Nullable List<Long> offsets) {
      if (type == null || shape == null || offsets == null || offsets.size() != 2) {
        throw wrong("says too little of the tensor " + name);
      }
      WholeNumbers numbers = WholeNumbers.ofSafetensors(type);
      if (numbers == null) {
        throw wrong(
            "gives the tensor %s the type (%s), which has no whole numbers"
                .formatted(name, Texts.shown(type)));
      }
      if (shape.size() != 1) {
        throw wrong(
            "gives the tensor %s %d dimensions instead of one count per expert"
                .formatted(name, shape.size()));
      }
      long experts = shape.get(0);
      tally.shape().experts(source.file(), experts);
      long begin = offsets.get(0);
      long end = offsets.get(1);
      if (begin > end || end - begin != experts * numbers.bytes()) {
        throw wrong(
            "gives the tensor %s the bytes %d to %d, but it needs %d"
                .formatted(name, begin, end, experts * numbers.bytes()));
      }
      return new Tensor(iteration, layer, numbers, experts, begin, end);
    }

    private List<Long> numbers(JsonParser parser, JsonToken first, String name) {
      var numbers = new ArrayList<Long>();
      if (first == JsonToken.START_ARRAY) {
        for (JsonToken token = parser.nextToken();
            token != JsonToken.END_ARRAY && numbers.size() < 8;
            token = parser.nextToken()) {
          long number = token == JsonToken.VALUE_NUMBER_INT ? parser.getValueAsLong(-1) : -1;
          if (number < 0) {
            throw wrong("has a number that is none, of the tensor " + name);
          }
          numbers.add(number);
        }
      }
      return numbers;
    }

    private InvalidInputException wrong(String what) {
      return Fault.of(
          source.file(),
          "The header, bytes 8 to %d, %s.".formatted(source.offset() - 1, what),
          "Maybe this is no recording of expert counts; rank0.safetensors of TensorRT-LLM is one.");
    }
  }
}
