package org.moesaic.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.moesaic.generate.Catalog;
import org.moesaic.generate.Generator;
import org.moesaic.generate.GeneratorOptions;
import org.moesaic.generate.GeneratorOptions.Builder;
import org.moesaic.generate.GeneratorOptions.Residency;
import org.moesaic.generate.InvalidOptionException;
import org.moesaic.generate.ModelShape.Dtype;
import org.moesaic.generate.Names;
import org.moesaic.generate.Preset;
import org.moesaic.generate.ProblemFiles;
import org.moesaic.generate.Selection;
import org.moesaic.problem.Model.Copies;
import org.moesaic.problem.Policy.DomainKind;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code moesaic generate}: makes a problem from published figures and a seed. */
@Command(
    name = "generate",
    description = {
      "Make a problem from published shapes of models and list prices, with routing drawn from a"
          + " seed.",
      "The same options give the same bytes. --list shows what there is to choose from."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class GenerateCommand implements Callable<Integer> {
  /** What {@code --list} lists. */
  enum Listing {
    MODELS,
    SITES,
    OFFERS,
    PRESETS
  }

  @Spec private CommandSpec spec;

  private final List<Consumer<Builder>> edits = new ArrayList<>();

  @Option(
      order = 1,
      names = "--preset",
      paramLabel = "NAME",
      description = "Start from the options of an example problem; further options change it.")
  private @Nullable String preset;

  @Option(
      order = 2,
      names = "--list",
      paramLabel = "WHAT",
      description = "Print a table instead: models, sites, offers or presets.")
  private @Nullable String list;

  @Option(
      order = 3,
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Where the problem goes, its weights beside it in loads/; without this, all to standard"
              + " output.")
  private @Nullable Path output;

  @Option(
      order = 4,
      names = "--inline",
      description = "Write the weights into the problem file itself.")
  private boolean inline;

  @Option(
      order = 5,
      names = "--name",
      paramLabel = "TEXT",
      description = "What people call the problem.")
  private void name(String value) {
    edits.add(b -> b.name(value));
  }

  @Option(
      order = 6,
      names = "--model",
      paramLabel = "NAME",
      description = "A model of --list models (default: deepseek-v3).")
  private void model(String value) {
    edits.add(b -> b.model(value));
  }

  @Option(
      order = 7,
      names = "--model-file",
      paramLabel = "FILE",
      description =
          "A model of one's own: the config.json beside its weights (DeepSeek, Kimi, Qwen, Mixtral"
              + " and others with the same names).")
  private void modelFile(Path value) {
    edits.add(b -> b.modelFile(value));
  }

  @Option(
      order = 8,
      names = "--dtype",
      paramLabel = "fp8|bf16",
      description = "What weights and dispatched hidden states are stored as (default: fp8).")
  private void dtype(String value) {
    edits.add(b -> b.dtype(Names.parse("dtype", Dtype.class, value)));
  }

  @Option(
      order = 9,
      names = "--state-factor",
      paramLabel = "X",
      description =
          "Memory of an expert in multiples of its weights: 1 to serve, 8 to 16 to train (default:"
              + " 1).")
  private void stateFactor(double value) {
    edits.add(b -> b.stateFactor(value));
  }

  @Option(
      order = 10,
      names = "--training",
      description =
          "Calls include the backward pass: 3 times the operations, and gradients both ways.")
  private void training(boolean value) {
    edits.add(b -> b.training(value));
  }

  @Option(
      order = 11,
      names = "--backbone",
      negatable = true,
      description =
          "Place the dense part (attention, router, shared experts) too; with --no-backbone it runs"
              + " where tokens start, on nodes that are not counted (default: placed).")
  private void backbone(boolean value) {
    edits.add(b -> b.backbone(value));
  }

  @Option(
      order = 12,
      names = "--syncs-per-hour",
      paramLabel = "X",
      description = "How often training replicas synchronise (default: 0, never).")
  private void syncsPerHour(double value) {
    edits.add(b -> b.syncsPerHour(value));
  }

  @Option(
      order = 13,
      names = "--sync-window",
      paramLabel = "X",
      description =
          "Share of the time between two syncs in which one has to be through (default: 1).")
  private void syncWindow(double value) {
    edits.add(b -> b.syncWindow(value));
  }

  @Option(
      order = 14,
      names = "--sync-bytes-per-parameter",
      paramLabel = "X",
      description = "What one sync exchanges, each way: 2 is BF16, 0.5 is 4 bits (default: 2).")
  private void syncBytesPerParameter(double value) {
    edits.add(b -> b.syncBytesPerParameter(value));
  }

  @Option(
      order = 15,
      names = "--experts-per-shard",
      paramLabel = "N",
      description = "Experts that are placed together (default: 1).")
  private void expertsPerShard(int value) {
    edits.add(b -> b.expertsPerShard(value));
  }

  @Option(
      order = 16,
      names = "--copies",
      paramLabel = "per-expert|per-site",
      description =
          "What crosses to a site that serves several experts of a token (default: per-expert).")
  private void copies(String value) {
    edits.add(b -> b.copies(Names.parse("kind of copies", Copies.class, value)));
  }

  @Option(
      order = 17,
      names = "--clouds",
      paramLabel = "A,B",
      description = "Clouds to lease from (default: all).")
  private void clouds(String value) {
    edits.add(b -> b.clouds(Names.split(value)));
  }

  @Option(
      order = 18,
      names = "--continents",
      paramLabel = "A,B",
      description = "Continents to lease on (default: all).")
  private void continents(String value) {
    edits.add(b -> b.continents(Names.split(value)));
  }

  @Option(
      order = 19,
      names = "--sites",
      paramLabel = "N|A,B",
      description =
          "Sites to lease at, provider/region, or the first N of the table (default: all).")
  private void sites(String value) {
    edits.add(b -> b.sites(Selection.parse(value)));
  }

  @Option(
      order = 20,
      names = "--offers",
      paramLabel = "N|A,B",
      description =
          "Offers of --list offers, each with its most nodes if need be (ID=NODES), or the first N"
              + " of those left (default: all).")
  private void offers(String value) {
    edits.add(b -> b.offers(Selection.parse(value)));
  }

  @Option(
      order = 21,
      names = "--offers-file",
      paramLabel = "FILE|PROVIDER=FILE",
      description =
          "Offers of one's own in place of the table, from CSV files with the columns"
              + " provider,region,accelerator,usdPerNodeHour and, if need be,"
              + " accelerators,networkGbps,fabric,instance; or a provider's vms.csv of SkyPilot's"
              + " catalogue. Several with commas between.")
  private void offersFile(String value) {
    edits.add(b -> b.offersFiles(Names.split(value)));
  }

  @Option(
      order = 22,
      names = "--origins",
      paramLabel = "N|A,B",
      description =
          "Sites where tokens start: provider/region, with =TOKENS_PER_SECOND or"
              + " =TOKENS_PER_SECONDxSTREAMS if need be; or the first N that have offers (default:"
              + " 3).")
  private void origins(String value) {
    edits.add(b -> b.origins(Selection.parse(value)));
  }

  @Option(
      order = 23,
      names = "--tokens-per-second",
      paramLabel = "X",
      description = "Tokens per second of each origin that does not say its own (default: 1000).")
  private void tokensPerSecond(double value) {
    edits.add(b -> b.tokensPerSecond(value));
  }

  @Option(
      order = 24,
      names = "--streams",
      paramLabel = "N",
      description =
          "Equal streams of each origin that does not say its own; a plan may host each elsewhere"
              + " (default: 1).")
  private void streams(int value) {
    edits.add(b -> b.streams(value));
  }

  @Option(
      order = 25,
      names = "--access-bytes",
      paramLabel = "X",
      description =
          "Bytes of each token between its origin and where it is hosted, each way (default: 0).")
  private void accessBytes(double value) {
    edits.add(b -> b.accessBytes(value));
  }

  @Option(
      order = 26,
      names = "--max-access-ms",
      paramLabel = "X",
      description =
          "Longest round trip from an origin to where its first layer is hosted, ms (default: no"
              + " limit).")
  private void maxAccessMs(double value) {
    edits.add(b -> b.maxAccessMs(value));
  }

  @Option(
      order = 27,
      names = "--skew",
      paramLabel = "X",
      description = "Calls fall with the rank of an expert as 1 / rank^X, 0 to 3 (default: 0.5).")
  private void skew(double value) {
    edits.add(b -> b.skew(value));
  }

  @Option(
      order = 28,
      names = "--specialisation",
      paramLabel = "X",
      description =
          "Share of an origin's calls that follows favourites of its own, 0 to 1 (default: 0.3).")
  private void specialisation(double value) {
    edits.add(b -> b.specialisation(value));
  }

  @Option(
      order = 29,
      names = "--samples",
      paramLabel = "TOKENS",
      description =
          "Draw so many tokens of each origin with the experts they choose, in place of weights;"
              + " they go to samples/ beside the problem (default: 0).")
  private void samples(int value) {
    edits.add(b -> b.samples(value));
  }

  @Option(
      order = 30,
      names = "--coactivation",
      paramLabel = "X",
      description =
          "Share of a sampled token's choices that follows one of 16 topics, 0 to 1 (default:"
              + " 0.5).")
  private void coactivation(double value) {
    edits.add(b -> b.coactivation(value));
  }

  @Option(
      order = 31,
      names = "--egress-scale",
      paramLabel = "X",
      description = "Multiplies all egress prices (default: 1).")
  private void egressScale(double value) {
    edits.add(b -> b.egressScale(value));
  }

  @Option(
      order = 32,
      names = "--usable-compute",
      paramLabel = "X",
      description =
          "Share of the peak operations per second that comes out: 0.4 is good serving, 0.16 was"
              + " DeepSeek-V3's training (default: 0.4).")
  private void usableCompute(double value) {
    edits.add(b -> b.usableCompute(value));
  }

  @Option(
      order = 33,
      names = "--max-nodes",
      paramLabel = "N",
      description = "Most nodes of each offer (default: 64).")
  private void maxNodes(int value) {
    edits.add(b -> b.maxNodes(value));
  }

  @Option(
      order = 34,
      names = "--min-replicas",
      paramLabel = "N",
      description = "Fewest replicas of a shard (default: 1).")
  private void minReplicas(int value) {
    edits.add(b -> b.minReplicas(value));
  }

  @Option(
      order = 35,
      names = "--max-replicas",
      paramLabel = "N",
      description = "Most replicas of a shard (default: unlimited).")
  private void maxReplicas(int value) {
    edits.add(b -> b.maxReplicas(value));
  }

  @Option(
      order = 36,
      names = "--survive",
      paramLabel = "A,B",
      description =
          "Kinds of domain whose loss every shard survives: region, provider, power-domain.")
  private void survive(String value) {
    edits.add(b -> b.survive(Names.parseAll("kind of domain", DomainKind.class, value)));
  }

  @Option(
      order = 37,
      names = "--power-cap-kw",
      paramLabel = "X",
      description = "Most power that leases may draw in each region, kW (default: no cap).")
  private void powerCapKw(double value) {
    edits.add(b -> b.powerCapKw(value));
  }

  @Option(
      order = 38,
      names = "--residency",
      paramLabel = "WHERE",
      description =
          "Where origins may be served: none (anywhere), eu (those in the EU: in the EU), country"
              + " or continent (in their own) (default: none).")
  private void residency(String value) {
    edits.add(b -> b.residency(Names.parse("residency", Residency.class, value)));
  }

  @Option(
      order = 39,
      names = "--max-added-latency-ms",
      paramLabel = "X",
      description = "Most latency that placement may add, ms (default: no limit).")
  private void maxAddedLatencyMs(double value) {
    edits.add(b -> b.maxAddedLatencyMs(value));
  }

  @Option(
      order = 40,
      names = "--interconnect-gbps",
      paramLabel = "X",
      description = "Capacity of each Azure-OCI interconnect, each way (default: 400).")
  private void interconnectGbps(double value) {
    edits.add(b -> b.interconnectGbps(value));
  }

  @Option(
      order = 41,
      names = "--wan-gbps",
      paramLabel = "X",
      description = "Capacity of each other way between two sites, each way (default: unlimited).")
  private void wanGbps(double value) {
    edits.add(b -> b.wanGbps(value));
  }

  @Option(
      order = 42,
      names = "--seed",
      paramLabel = "N",
      description = "Chooses the routing (default: 0).")
  private void seed(long value) {
    edits.add(b -> b.seed(value));
  }

  @Override
  public Integer call() {
    Problem problem;
    Builder options;
    try {
      if (list != null) {
        print(Names.parse("table", Listing.class, list));
        return ExitCode.OK;
      }
      options = preset == null ? GeneratorOptions.builder() : Preset.of(preset).options();
      edits.forEach(edit -> edit.accept(options));
      problem = Generator.generate(options.build());
    } catch (InvalidOptionException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    GeneratorOptions made = options.build();
    if (made.trainsWithoutSync()) {
      spec.commandLine()
          .getErr()
          .println(
              "Training without sync: replicas of experts and layers never agree, and what that"
                  + " would send is not counted."
                  + System.lineSeparator()
                  + "Maybe add --syncs-per-hour 12.");
    }
    if (!problem.routing().samples().isEmpty() && (output == null || inline)) {
      throw new ParameterException(
          spec.commandLine(),
          "Samples are files beside the problem, and cannot be written into it.%nMaybe name a file"
                  .formatted()
              + " with -o, and leave out --inline.");
    }
    if (output == null) {
      PrintWriter out = spec.commandLine().getOut();
      out.print(Problems.toJson(problem));
      out.flush();
    } else {
      write(problem, output);
    }
    return ExitCode.OK;
  }

  private void write(Problem problem, Path file) {
    if (Files.isDirectory(file)) {
      throw new ParameterException(
          spec.commandLine(),
          "The output (%s) is a folder.%nMaybe name a file in it.".formatted(file));
    }
    try {
      if (inline) {
        ProblemFiles.writeInline(problem, file);
      } else {
        ProblemFiles.write(problem, file);
      }
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(),
          "The output (%s) cannot be written: %s.%nMaybe choose another folder.".formatted(file, e),
          e);
    }
  }

  private void print(Listing what) {
    PrintWriter out = spec.commandLine().getOut();
    Catalog catalog = Catalog.builtIn();
    switch (what) {
      case MODELS ->
          catalog
              .models()
              .forEach(
                  m ->
                      out.printf(
                          Locale.ROOT,
                          "%-18s %2d layers x %3d experts, top %d  %s%n",
                          m.name(),
                          m.moeLayers(),
                          m.expertsPerLayer(),
                          m.topK(),
                          m.source()));
      case SITES ->
          catalog
              .places()
              .forEach(
                  p -> out.printf("%-24s %-20s %s%n", p.site(), p.providerRegion(), p.source()));
      case OFFERS ->
          catalog
              .nodes()
              .forEach(
                  n ->
                      out.printf(
                          Locale.ROOT,
                          "%-28s %d x %-5s %9.4f USD/h  %s%n",
                          n.id(),
                          n.accelerators(),
                          n.accelerator().name(),
                          n.usdPerNodeHour(),
                          n.source()));
      case PRESETS ->
          EnumSet.allOf(Preset.class).forEach(p -> out.printf("%-20s %s%n", p.file(), p.title()));
    }
    out.flush();
  }
}
