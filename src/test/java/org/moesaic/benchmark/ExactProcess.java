package org.moesaic.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.problem.Problems;
import org.moesaic.solve.bound.ExactBaseline;
import org.moesaic.solve.bound.ExactBaseline.Kind;
import org.moesaic.solve.bound.Natives;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.start.PricedStart;

/**
 * A general solver on the exact model of a problem, in a process of its own: native code may take
 * more time and memory than it was given, and take its process with it.
 *
 * <p>As for the other methods, reading the problem is not counted; loading the libraries, making
 * the plan to begin with, and building the model are.
 *
 * @param problem file
 * @param warm whether it begins with the plan that Moesaic begins with
 */
record ExactProcess(Path problem, Kind kind, boolean warm) {
  private static final String CELL = "cell: ";

  /** How much longer native code may take to end, and the process to read and to price. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  private static final Duration LATE = Duration.ofSeconds(5);
  private static final String MOST_HEAP = "-Xmx6g";
  private static final long MOST_GIB = 16;

  /** Runs it; what to write in the table. */
  String cell(Duration time) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            Figures.java(
                MOST_HEAP,
                "-XX:+UseParallelGC",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED"));
    command.addAll(
        List.of(
            ExactProcess.class.getName(),
            problem.toString(),
            kind.name(),
            String.valueOf(warm),
            time.toString()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    CompletableFuture<@Nullable String> cell = CompletableFuture.supplyAsync(() -> cell(process));
    long deadline = System.nanoTime() + time.plus(GRACE).toNanos();
    try {
      while (!process.waitFor(200, TimeUnit.MILLISECONDS)) {
        if (System.nanoTime() > deadline) {
          return "none in time (killed %d s late)".formatted(GRACE.toSeconds());
        }
        if (residentBytes(process) > MOST_GIB << 30) {
          return "none: more than %d GiB".formatted(MOST_GIB);
        }
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    String found = cell.join();
    if (found != null) {
      return found;
    }
    // 3 is what the JVM says when its heap is full.
    return process.exitValue() == 3
        ? "none: out of memory"
        : "none: ended with %d".formatted(process.exitValue());
  }

  private static @Nullable String cell(Process process) {
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String cell = null;
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.startsWith(CELL)) {
          cell = line.substring(CELL.length());
        }
      }
      return cell;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Memory that a process has; 0 where the system does not tell. */
  private static long residentBytes(Process process) {
    try {
      return Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  /**
   * Runs it in this process, and prints the cell.
   *
   * @param args problem, solver, whether to begin with a plan, time
   */
  public static void main(String[] args) {
    Tariff tariff = new Tariff(Instance.of(Problems.read(Path.of(args[0]))));
    Duration time = Duration.parse(args[3]);
    long began = System.nanoTime();
    String cell;
    if (Natives.available()) {
      Assignment start =
          Boolean.parseBoolean(args[2]) ? new PricedStart(() -> false).construct(tariff) : null;
      Duration left = time.minusNanos(System.nanoTime() - began);
      ExactBaseline.Result result = ExactBaseline.solve(tariff, Kind.valueOf(args[1]), start, left);
      Duration late = Duration.ofNanos(System.nanoTime() - began).minus(time);
      cell = cell(tariff, result);
      if (late.compareTo(LATE) > 0) {
        cell += " (%d s late)".formatted(late.toSeconds());
      }
    } else {
      cell = "none: OR-Tools is missing";
    }
    System.out.println(CELL + cell);
    // Threads of native code must not keep the process.
    System.exit(0);
  }

  private static String cell(Tariff tariff, ExactBaseline.Result result) {
    if (result.plan() != null) {
      return Cells.cost(tariff, result.plan());
    }
    return result.proven() ? "none: called infeasible" : "none in time";
  }
}
