package org.moesaic.routing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/** Recordings in other people's formats, byte by byte as those formats' documents have them. */
final class Written {
  private Written() {}

  /** A NumPy array; {@code type} as in its header, such as {@code <i4}. */
  static byte[] npy(String type, long[] shape, long... values) {
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
            .formatted(
                type,
                Arrays.stream(shape)
                    .mapToObj(Long::toString)
                    .collect(Collectors.joining(", ", "", shape.length == 1 ? "," : "")));
    return npyWithHeader(header, type, values);
  }

  static byte[] npyWithHeader(String dictionary, String type, long... values) {
    int width = type.charAt(type.length() - 1) - '0';
    int length = (10 + dictionary.length() + 1 + 63) / 64 * 64 - 10;
    ByteBuffer bytes = ByteBuffer.allocate(10 + length + values.length * width);
    bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    bytes.order(ByteOrder.LITTLE_ENDIAN).putShort((short) length);
    byte[] text = new byte[length];
    Arrays.fill(text, (byte) ' ');
    text[length - 1] = '\n';
    System.arraycopy(ascii(dictionary), 0, text, 0, dictionary.length());
    bytes.put(text);
    bytes.order(type.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      put(bytes, width, value);
    }
    return bytes.array();
  }

  private static void put(ByteBuffer bytes, int width, long value) {
    switch (width) {
      case 1 -> bytes.put((byte) value);
      case 2 -> bytes.putShort((short) value);
      case 4 -> bytes.putInt((int) value);
      default -> bytes.putLong(value);
    }
  }

  static byte[] npy(String type, RandomTokens tokens) {
    long[] values =
        Arrays.stream(tokens.ids())
            .flatMap(Arrays::stream)
            .flatMapToInt(Arrays::stream)
            .asLongStream()
            .toArray();
    return npy(type, new long[] {tokens.ids().length, tokens.layers(), tokens.topK()}, values);
  }

  static byte[] npyOfCounts(String type, double[][] counts) {
    long[] values =
        Arrays.stream(counts)
            .flatMapToDouble(Arrays::stream)
            .mapToLong(count -> (long) count)
            .toArray();
    return npy(type, new long[] {counts.length, counts[0].length}, values);
  }

  /** SGLang's JSON, of one step. */
  static byte[] sglang(double[][] counts) {
    return ascii("{\"rank\": 0, \"logical_count\": " + Arrays.deepToString(counts) + "}");
  }

  /** SGLang's JSON, of several steps. */
  static byte[] sglang(double[][][] steps) {
    return ascii("{\"logical_count\": " + Arrays.deepToString(steps) + ", \"last\": [1]}\n");
  }

  /** A line for each token and layer, token by token. */
  static String jsonLines(RandomTokens tokens) {
    var lines = new StringBuilder();
    for (int t = 0; t < tokens.ids().length; t++) {
      for (int l = 0; l < tokens.layers(); l++) {
        lines.append(jsonLine(t, l, tokens.ids()[t][l]));
      }
    }
    return lines.toString();
  }

  static String jsonLine(long token, int layer, int... ids) {
    return "{\"token_idx\": %d, \"layer\": %d, \"topk_ids\": %s, \"weights\": [0.5]}\n"
        .formatted(token, layer, Arrays.toString(ids));
  }

  static byte[] parquet(RandomTokens tokens, int rowsPerGroup) {
    var out = new ByteArrayOutputStream();
    try {
      var file = new ParquetFile(out);
      int rows = tokens.ids().length * tokens.layers();
      for (int from = 0; from < rows; from += rowsPerGroup) {
        int size = Math.min(rowsPerGroup, rows - from);
        long[] token = new long[size];
        int[] layer = new int[size];
        int[][] ids = new int[size][];
        for (int i = 0; i < size; i++) {
          token[i] = (from + i) / tokens.layers();
          layer[i] = (from + i) % tokens.layers();
          ids[i] = tokens.ids()[(int) token[i]][layer[i]];
        }
        file.rowGroup(token, layer, ids);
      }
      file.finish();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static byte[] csv(double[][] counts, String origin) {
    var csv = new StringBuilder("layer,expert,weight" + (origin.isEmpty() ? "" : ",origin") + "\n");
    for (int l = 0; l < counts.length; l++) {
      for (int e = 0; e < counts[l].length; e++) {
        csv.append("%d,%d,%d".formatted(l, e, (long) counts[l][e]));
        csv.append(origin.isEmpty() ? "\n" : "," + origin + "\n");
      }
    }
    return ascii(csv.toString());
  }

  /** A file of safetensors of 64-bit counts by name. */
  static byte[] safetensors(Map<String, long[]> tensors) {
    var header = new StringBuilder("{\"__metadata__\": {\"format\": \"pt\"}");
    int end = 0;
    for (Map.Entry<String, long[]> tensor : tensors.entrySet()) {
      int begin = end;
      end += 8 * tensor.getValue().length;
      header.append(
          ", \"%s\": {\"dtype\": \"I64\", \"shape\": [%d], \"data_offsets\": [%d, %d]}"
              .formatted(tensor.getKey(), tensor.getValue().length, begin, end));
    }
    header.append('}');
    return safetensors(
        header.toString(), tensors.values().stream().flatMapToLong(Arrays::stream).toArray());
  }

  static byte[] safetensors(String header, long... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length() + 8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length()).put(ascii(header));
    for (long value : values) {
      bytes.putLong(value);
    }
    return bytes.array();
  }

  /**
   * TensorRT-LLM's folder: each token's row counted by one of two ranks, in one of two iterations.
   */
  static Path tensorRtLlm(Path folder, RandomTokens tokens, int firstLayer) throws IOException {
    Files.createDirectories(folder);
    Files.write(
        folder.resolve("meta_info.json"),
        ascii(
            "{\"num_experts\": %d, \"num_experts_per_token\": %d}"
                .formatted(tokens.experts(), tokens.topK())));
    for (int rank = 0; rank < 2; rank++) {
      var tensors = new LinkedHashMap<String, long[]>();
      for (int iteration = 100; iteration < 102; iteration++) {
        for (int l = 0; l < tokens.layers(); l++) {
          long[] counts = new long[tokens.experts()];
          for (int t = 0; t < tokens.ids().length; t++) {
            if (t % 2 == rank && t / 2 % 2 == iteration - 100) {
              for (int id : tokens.ids()[t][l]) {
                counts[id]++;
              }
            }
          }
          tensors.put(iteration + "_" + (firstLayer + l), counts);
        }
      }
      Files.write(folder.resolve("rank" + rank + ".safetensors"), safetensors(tensors));
    }
    return folder;
  }

  static byte[] gzip(byte[] bytes) {
    var packed = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
