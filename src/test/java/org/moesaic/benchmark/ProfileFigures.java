package org.moesaic.benchmark;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.moesaic.routing.ParquetFile;

/**
 * How fast {@code profile} reads recordings of a model of the size of DeepSeek-V3, against what it
 * takes to read the same bytes at all, and how much memory it takes.
 */
final class ProfileFigures {
  private static final int LAYERS = 58;
  private static final int EXPERTS = 256;
  private static final int TOP_K = 8;

  /**
   * Tokens to draw from; far more than the window of deflate holds, so that none is found again.
   */
  private static final int POOL = 4_096;

  private final long bytes;
  private final int runs;
  private final PrintStream out;
  private final int[][][] pool = new int[POOL][LAYERS][];
  private final Random random = new Random(7);

  ProfileFigures(int mb, int runs, PrintStream out) {
    this.bytes = mb * 1_000_000L;
    this.runs = runs;
    this.out = out;
    for (int[][] token : pool) {
      for (int l = 0; l < LAYERS; l++) {
        token[l] = choice();
      }
    }
  }

  private int[] choice() {
    int[] ids = new int[TOP_K];
    for (int k = 0; k < TOP_K; k++) {
      int id = (int) (EXPERTS * random.nextDouble() * random.nextDouble());
      while (contains(ids, k, id)) {
        id = (id + 1) % EXPERTS;
      }
      ids[k] = id;
    }
    return ids;
  }

  private static boolean contains(int[] ids, int end, int id) {
    for (int k = 0; k < end; k++) {
      if (ids[k] == id) {
        return true;
      }
    }
    return false;
  }

  /** Writes a recording of about as many bytes as wanted. */
  private interface Generator {
    void write(OutputStream out) throws IOException;
  }

  /** Prints the table; {@code only} names the formats wanted by the beginning of their names. */
  void print(String only) throws IOException, InterruptedException {
    out.printf(
        "| recording | MB | tokens/s | read at, MB/s | cat or gzip -dc, MB/s | ratio | peak RSS,"
            + " MiB |%n|---|---|---|---|---|---|---|%n");
    row("npy, 8 bit", "tokens8.npy", only, to -> npy(to, 1), false);
    row("npy, 32 bit", "tokens32.npy", only, to -> npy(to, 4), false);
    row("npy.gz, 8 bit", "tokens8.npy.gz", only, to -> npy(to, 1), true);
    row("jsonl", "tokens.jsonl", only, this::jsonLines, false);
    row("jsonl.gz", "tokens.jsonl.gz", only, this::jsonLines, true);
    row("parquet", "tokens.parquet", only, this::parquet, false);
    row("sglang", "steps.json", only, this::sglang, false);
    row("sglang.gz", "steps.json.gz", only, this::sglang, true);
    row("tensorrt-llm", "rank0.safetensors", only, this::safetensors, false);
  }

  private void row(String name, String file, String only, Generator generator, boolean packed)
      throws IOException, InterruptedException {
    if (!name.startsWith(only)) {
      return;
    }
    Path folder = Files.createTempDirectory("moesaic-profile");
    try {
      Path recording = folder.resolve(file);
      long size;
      try (var counted = new Counted(open(recording, packed))) {
        generator.write(counted);
        size = counted.written;
      }
      double[] ours = new double[runs];
      double[] theirs = new double[runs];
      double[] peak = new double[2];
      for (int run = 0; run < runs; run++) {
        String how = packed ? "gzip -dc " : "cat ";
        theirs[run] = size / 1e6 / seconds(List.of("sh", "-c", how + recording + " | wc -c"), null);
        ours[run] = size / 1e6 / seconds(profile(folder, recording), peak);
      }
      double speed = median(ours);
      out.printf(
          Locale.ROOT,
          "| %s | %,d | %s | %s | %s | %.2f | %.0f | %.0f |%n",
          name,
          size / 1_000_000,
          tokens == 0 ? "-" : "%,.0f k".formatted(tokens * speed / (size / 1e3)),
          Figures.spread(ours, "%.0f"),
          Figures.spread(theirs, "%.0f"),
          speed / median(theirs),
          peak[0],
          peak[1]);
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path each : files.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static List<String> profile(Path folder, Path recording) {
    List<String> command =
        new ArrayList<>(
            Figures.java("-Xmx256m", "-XX:+UseParallelGC", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("org.moesaic.cli.Main", "profile", "us=" + recording, "-q"));
    command.addAll(List.of("--loads", folder.resolve("loads.csv").toString()));
    boolean counts =
        recording.toString().contains("steps") || recording.toString().contains("rank");
    if (!counts) {
      command.addAll(List.of("--samples", folder.resolve("samples").toString()));
    }
    return command;
  }

  /**
   * Runs a command.
   *
   * @param peak where its greatest resident memory goes, and that without pages of mapped files,
   *     MiB; null: not asked for
   */
  private static double seconds(List<String> command, double[] peak)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    long began = System.nanoTime();
    Process process = builder.start();
    while (peak != null && process.isAlive()) {
      peak[0] = Math.max(peak[0], residentMib(process.pid(), "VmHWM:"));
      peak[1] = Math.max(peak[1], residentMib(process.pid(), "RssAnon:"));
      process.waitFor(20, TimeUnit.MILLISECONDS);
    }
    int exit = process.waitFor();
    if (exit != 0) {
      throw new IllegalStateException(
          "%s ended with %d.".formatted(command.get(command.size() - 1), exit));
    }
    return (System.nanoTime() - began) / 1e9;
  }

  private static double residentMib(long pid, String what) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith(what)) {
          return Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
        }
      }
    } catch (IOException e) {
      // It has just ended, or there is no such thing on this system.
    }
    return 0;
  }

  // ---------------------------------------------------------------------------------- recordings

  private long tokens;

  private static OutputStream open(Path file, boolean packed) throws IOException {
    OutputStream to = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20);
    return packed
        ? new GZIPOutputStream(to, 1 << 16) {
          {
            def.setLevel(Deflater.BEST_SPEED);
          }
        }
        : to;
  }

  private static final class Counted extends OutputStream {
    private final OutputStream to;
    private long written;

    Counted(OutputStream to) {
      this.to = to;
    }

    @Override
    public void write(int b) throws IOException {
      to.write(b);
      written++;
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      to.write(from, offset, length);
      written += length;
    }

    @Override
    public void close() throws IOException {
      to.close();
    }
  }

  private void npy(OutputStream to, int width) throws IOException {
    tokens = bytes / ((long) LAYERS * TOP_K * width);
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d, %d), }"
            .formatted(width == 1 ? "|u1" : "<i4", tokens, LAYERS, TOP_K);
    ByteBuffer start = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
    start.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) 118);
    start.put((header + " ".repeat(117 - header.length()) + "\n").getBytes(StandardCharsets.UTF_8));
    to.write(start.array());
    ByteBuffer row = ByteBuffer.allocate(LAYERS * TOP_K * width).order(ByteOrder.LITTLE_ENDIAN);
    for (long t = 0; t < tokens; t++) {
      row.clear();
      for (int[] ids : pool[random.nextInt(POOL)]) {
        for (int id : ids) {
          if (width == 1) {
            row.put((byte) id);
          } else {
            row.putInt(id);
          }
        }
      }
      to.write(row.array());
    }
  }

  private void jsonLines(OutputStream to) throws IOException {
    tokens = 0;
    long written = 0;
    while (written < bytes) {
      var text = new StringBuilder();
      int[][] token = pool[random.nextInt(POOL)];
      for (int l = 0; l < LAYERS; l++) {
        text.append("{\"token_idx\": ").append(tokens).append(", \"layer\": ").append(l + 3);
        text.append(", \"topk_ids\": ").append(Arrays.toString(token[l])).append("}\n");
      }
      byte[] line = text.toString().getBytes(StandardCharsets.UTF_8);
      to.write(line);
      written += line.length;
      tokens++;
    }
  }

  private void parquet(OutputStream to) throws IOException {
    var file = new ParquetFile(to);
    int tokensPerGroup = 512; // pages of 1 MiB, as most writers make them
    int rowBytes = 8 + 4 + 4 * TOP_K + 1;
    tokens = 0;
    while (tokens * LAYERS * rowBytes < bytes) {
      int rows = tokensPerGroup * LAYERS;
      long[] token = new long[rows];
      int[] layer = new int[rows];
      int[][] ids = new int[rows][];
      for (int t = 0; t < tokensPerGroup; t++) {
        int[][] drawn = pool[random.nextInt(POOL)];
        for (int l = 0; l < LAYERS; l++) {
          token[t * LAYERS + l] = tokens;
          layer[t * LAYERS + l] = l + 3;
          ids[t * LAYERS + l] = drawn[l];
        }
        tokens++;
      }
      file.rowGroup(token, layer, ids);
    }
    file.finish();
  }

  private int[] counts() {
    int[] counts = new int[EXPERTS];
    for (int e = 0; e < EXPERTS; e++) {
      counts[e] = random.nextInt(2_000);
    }
    return counts;
  }

  private void sglang(OutputStream to) throws IOException {
    tokens = 0;
    to.write("{\"logical_count\": [".getBytes(StandardCharsets.UTF_8));
    for (long written = 0; written < bytes; ) {
      var text = new StringBuilder(written == 0 ? "[" : ", [");
      for (int l = 0; l < LAYERS; l++) {
        text.append(l == 0 ? "" : ", ").append(Arrays.toString(counts()));
      }
      byte[] step = text.append(']').toString().getBytes(StandardCharsets.UTF_8);
      to.write(step);
      written += step.length;
    }
    to.write("]}".getBytes(StandardCharsets.UTF_8));
  }

  private void safetensors(OutputStream to) throws IOException {
    tokens = 0;
    int size = EXPERTS * 8;
    int iterations = (int) (bytes / ((long) LAYERS * size));
    var header = new StringBuilder("{");
    for (int i = 0; i < iterations * LAYERS; i++) {
      header
          .append(i == 0 ? "" : ",")
          .append("\"%d_%d\":".formatted(100 + i / LAYERS, 3 + i % LAYERS))
          .append("{\"dtype\":\"I64\",\"shape\":[256],\"data_offsets\":[")
          .append((long) i * size)
          .append(',')
          .append((i + 1L) * size)
          .append("]}");
    }
    byte[] text = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    to.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
    to.write(text);
    ByteBuffer row = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < iterations * LAYERS; i++) {
      row.clear();
      for (int count : counts()) {
        row.putLong(count);
      }
      to.write(row.array());
    }
  }
}
