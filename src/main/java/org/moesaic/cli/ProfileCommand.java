package org.moesaic.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.RecordWriter;
import org.moesaic.report.ProfileReport;
import org.moesaic.routing.Profile;
import org.moesaic.routing.ProfileOptions;
import org.moesaic.routing.ProfileOptions.DenseLayers;
import org.moesaic.routing.ProfileOutputs;
import org.moesaic.routing.ProfileProgress;
import org.moesaic.routing.Profiler;
import org.moesaic.routing.Recording;
import org.moesaic.routing.RecordingFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code moesaic profile}: makes loads and samples of recordings. */
@Command(
    name = "profile",
    description = {
      "Make loads and samples of recordings of real routing, and say how it is distributed.",
      "Each ORIGIN=PATH names an origin and a file or a folder that was recorded of it; paths"
          + " without ORIGIN= belong to the origin before. Files whose name ends with .gz are"
          + " unpacked.",
      "Figures and what a problem file needs go to standard output, progress to standard error."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nFormats:%n",
    footer = {
      "  sglang        JSON with logical_count, [layers][experts] or",
      "                [steps][layers][experts]",
      "  tensorrt-llm  a folder with meta_info.json and rank*.safetensors",
      "  npy           whole numbers in C order: [layers][experts], counts, or",
      "                [tokens][layers][topk], the experts that tokens chose",
      "  jsonl         a line for each token and layer: token_idx, layer, topk_ids",
      "  parquet       a row for each token and layer, of the same columns",
      "  csv           layer,expert,weight and perhaps origin, as written by --loads"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK + ":ok, everything asked for is written",
      ExitCode.INTERNAL_ERROR + ":internal error",
      ExitCode.USAGE + ":usage",
      ExitCode.INVALID_INPUT + ":invalid recording; nothing is written",
      ExitCode.INTERRUPTED + ":interrupted; nothing is written"
    })
final class ProfileCommand implements Callable<Integer> {
  /** An origin and what follows; a path with {@code =} in it is told by a slash before. */
  private static final Pattern NAMED = Pattern.compile("([^=/\\\\]+)=(.*)", Pattern.DOTALL);

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "ORIGIN=PATH",
      arity = "1..*",
      description = "Whose recording a file or folder is.")
  private List<String> recordings = new ArrayList<>();

  @Option(
      names = "--loads",
      paramLabel = "FILE",
      description = "Write the loads of all origins to this CSV file.")
  private @Nullable Path loads;

  @Option(
      names = "--samples",
      paramLabel = "FOLDER",
      description =
          "Write a sample of each origin's tokens into this folder, as ORIGIN.topk.u8.gz, or"
              + " .u16.gz where there are over 256 experts.")
  private @Nullable Path samples;

  @Option(
      names = "--sample-tokens",
      paramLabel = "N",
      description =
          "Tokens of a sample, drawn evenly from all, or 'all' (default: "
              + ProfileOptions.SAMPLE_TOKENS
              + ").")
  private @Nullable String sampleTokens;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Chooses which tokens are sampled (default: ${DEFAULT-VALUE}).")
  private long seed = 0;

  @Option(
      names = "--dense-layers",
      paramLabel = "drop|keep",
      description =
          "Leave out layers that no token calls, and number the others from 0 on, or keep all with"
              + " their numbers (default: drop).")
  private @Nullable String denseLayers;

  @Option(
      names = "--experts",
      paramLabel = "N",
      description =
          "Experts of a layer, where the recordings do not say (default: the greatest that they"
              + " name, plus 1).")
  private int experts = 0;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description =
          "Experts that a token chooses in a layer, where the recordings do not say; gives the"
              + " number of tokens.")
  private int topK = 0;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "What all files are written in (default: told from names and contents).")
  private @Nullable String format;

  @Option(
      names = "--json",
      description = "Print the figures, layer by layer, and the routing as JSON instead.")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print nothing to standard error but errors.")
  private boolean quiet;

  @Override
  public Integer call() {
    var stopped = new AtomicBoolean();
    List<Recording> all;
    ProfileOptions options;
    var outputs = new ProfileOutputs(loads, samples);
    try {
      all = recordings();
      options = options();
      requireWritable(all);
    } catch (IllegalArgumentException e) {
      throw usage(Objects.requireNonNullElse(e.getMessage(), e.toString()), e);
    }
    PrintWriter err = spec.commandLine().getErr();
    Consumer<ProfileProgress> progress =
        quiet ? now -> {} : now -> err.println(ProfileReport.line(now));
    Interrupts interrupts = Interrupts.handle(() -> stopped.set(true));
    try (interrupts) {
      Profile profile = Profiler.profile(all, options, outputs, progress, stopped::get);
      print(profile, outputs);
      return ExitCode.OK;
    } catch (CancellationException e) {
      err.println("moesaic: interrupted; nothing was written.");
      return ExitCode.INTERRUPTED;
    } catch (FileSystemException e) {
      throw usage(
          "The output (%s) cannot be written: %s.%nMaybe choose another folder."
              .formatted(e.getFile(), e),
          e);
    } catch (IOException e) {
      throw usage(
          "The outputs cannot be written: %s.%nMaybe the disk is full; choose another folder."
              .formatted(e),
          e);
    }
  }

  private ParameterException usage(String message, Exception cause) {
    return new ParameterException(spec.commandLine(), message, cause);
  }

  private List<Recording> recordings() {
    Map<String, List<Path>> byOrigin = new LinkedHashMap<>();
    List<Path> paths = null;
    for (String argument : recordings) {
      Matcher named = NAMED.matcher(argument);
      String path = argument;
      if (named.matches()) {
        String origin = String.valueOf(named.group(1));
        path = String.valueOf(named.group(2));
        if (byOrigin.containsKey(origin)) {
          paths = byOrigin.get(origin);
        } else {
          paths = new ArrayList<>();
          byOrigin.put(origin, paths);
        }
      }
      if (paths == null) {
        throw new IllegalArgumentException(
            "The recording (%s) must say whose it is.%nMaybe write ORIGIN=%s."
                .formatted(argument, argument));
      }
      if (!path.isEmpty()) {
        paths.add(path(path));
      }
    }
    return byOrigin.entrySet().stream()
        .map(each -> new Recording(each.getKey(), each.getValue()))
        .toList();
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "The recording (%s) must be a path.%nMaybe a character slipped in.".formatted(text), e);
    }
  }

  private ProfileOptions options() {
    return new ProfileOptions(
        format == null ? null : RecordingFormat.named(format),
        denseLayers == null ? DenseLayers.DROP : ProfileOptions.denseLayersNamed(denseLayers),
        experts,
        topK,
        sampleTokens == null ? ProfileOptions.SAMPLE_TOKENS : sampleTokens(sampleTokens),
        seed);
  }

  private static long sampleTokens(String text) {
    if (text.equals("all")) {
      return Long.MAX_VALUE;
    }
    try {
      int tokens = Integer.parseInt(text);
      if (tokens > 0) {
        return tokens;
      }
    } catch (NumberFormatException e) {
      // Reported below, like a number that is none of tokens.
    }
    throw new IllegalArgumentException(
        "The number of sampled tokens (%s) must be a whole number from 1 on, or all.%nMaybe leave it out."
            .formatted(text));
  }

  private void requireWritable(List<Recording> all) {
    if (loads != null) {
      if (loads.toString().endsWith(".gz")) {
        throw new IllegalArgumentException(
            "The loads (%s) are not packed.%nMaybe leave .gz out: problem files name plain CSV."
                .formatted(loads));
      }
      for (Recording recording : all) {
        for (Path path : recording.paths()) {
          Output.requireWritable(loads, path);
        }
      }
    }
    if (samples != null && Files.exists(samples) && !Files.isDirectory(samples)) {
      throw new IllegalArgumentException(
          "The samples (%s) must be a folder.%nMaybe choose another name.".formatted(samples));
    }
    if (samples != null && Files.exists(samples) && !Files.isWritable(samples)) {
      throw new IllegalArgumentException(
          "The folder (%s) of the samples cannot be written to.%nMaybe choose another folder."
              .formatted(samples));
    }
  }

  private void print(Profile profile, ProfileOutputs outputs) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (json) {
      out.print(RecordWriter.of(Profile.class).toJson(profile));
    } else {
      out.print(ProfileReport.tables(profile));
      out.println();
      out.print(ProfileReport.snippet(profile, Profiler.outputFolder(outputs)));
    }
    if (!quiet) {
      profile.notes().forEach(err::println);
    }
    if (out.checkError()) {
      throw OutputException.ofStandardOutput("The figures (but for files that were asked for)");
    }
  }
}
