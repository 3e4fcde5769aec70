package org.moesaic.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Issues;
import org.moesaic.pack.OfferPackOptions;
import org.moesaic.pack.OfferPacker;
import org.moesaic.pack.OfferPacking;
import org.moesaic.pack.PackOptions;
import org.moesaic.pack.Packer;
import org.moesaic.pack.Packing;
import org.moesaic.pack.Packings;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plans;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import org.moesaic.problem.Weights;
import org.moesaic.report.Ink;
import org.moesaic.report.PackReport;
import org.moesaic.routing.Recordings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code moesaic pack}: experts to accelerators. */
@Command(
    name = "pack",
    description = {
      "Put experts into slots of accelerators, hot ones several times, so that the fullest"
          + " accelerator has least to do; every accelerator has as many slots.",
      "Either inside each offer of a plan, by the calls that the plan serves there, or without a"
          + " plan by recorded loads, as EPLB does."
    },
    customSynopsis = {
      "moesaic pack [OPTIONS] PROBLEM PLAN",
      "       moesaic pack --loads=FILE --accelerators=N --slots=M [OPTIONS]"
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK + ":packed",
      ExitCode.USAGE + ":usage",
      ExitCode.INVALID_INPUT + ":invalid problem, plan or loads"
    })
final class PackCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "PROBLEM",
      description = "The problem file.")
  private @Nullable Path problemFile;

  @Parameters(index = "1", arity = "0..1", paramLabel = "PLAN", description = "The plan file.")
  private @Nullable Path planFile;

  @Option(
      names = "--redundancy",
      paramLabel = "N",
      description =
          "Slots of each layer beyond one per expert held, at least (default: the fewest that make"
              + " slots equal on all accelerators of an offer).")
  private @Nullable Integer redundancy;

  @Option(
      names = "--hierarchical",
      description = "Keep all replicas of a shard within one node of the offer.")
  private boolean hierarchical;

  @Option(
      names = "--uniform",
      description =
          "Give every layer of an offer as many slots as the one that needs most, for engines that"
              + " know one number of slots.")
  private boolean uniform;

  @Option(
      names = "--accelerators-per-node",
      paramLabel = "N",
      description = "Of offers that do not say it themselves.")
  private @Nullable Integer acceleratorsPerNode;

  @Option(
      names = "--loads",
      paramLabel = "FILE",
      description = "Recorded loads, in any format that profile reads; a file or a folder.")
  private @Nullable Path loadsFile;

  @Option(
      names = "--accelerators",
      paramLabel = "N",
      description = "Accelerators that every layer is spread over.")
  private @Nullable Integer accelerators;

  @Option(
      names = "--slots",
      paramLabel = "M",
      description = "Slots of a layer on all of them together, a multiple of N.")
  private @Nullable Integer slots;

  @Option(
      names = "--experts",
      paramLabel = "N",
      description =
          "Experts of a layer, where the loads do not say (default: the greatest that they name,"
              + " plus 1).")
  private int experts = 0;

  @Option(
      names = "--nodes",
      paramLabel = "K",
      description =
          "Nodes that the accelerators are in. With --groups: every group lies within a node, and"
              + " every node has as many groups. As in EPLB, not looked at where K does not divide"
              + " G.")
  private @Nullable Integer nodes;

  @Option(
      names = "--groups",
      paramLabel = "G",
      description = "Groups of consecutive experts, as many in each.")
  private @Nullable Integer groups;

  @Option(
      names = "--json",
      description =
          "Print the packing to standard output as JSON, and tables to standard error: layers,"
              + " phy2log (the expert in each slot; slot j is on accelerator j / (M / N)), maxLoad,"
              + " meanLoad and bound. Layers of a plan are numbered as the plan does, without dense"
              + " ones.")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print no tables.")
  private boolean quiet;

  @Override
  public Integer call() throws IOException {
    return loadsFile != null ? packLoads(loadsFile) : packPlan();
  }

  private int packLoads(Path file) throws IOException {
    if (problemFile != null) {
      throw usage("Either a problem and its plan are packed, or --loads.", "Maybe leave one out.");
    }
    if (redundancy != null || hierarchical || uniform || acceleratorsPerNode != null) {
      throw usage(
          "The options --redundancy, --hierarchical, --uniform and --accelerators-per-node are for"
              + " plans.",
          "Maybe name --slots, and --nodes with --groups.");
    }
    if (accelerators == null || slots == null) {
      throw usage(
          "Loads are packed onto --accelerators with --slots.",
          "Maybe add --accelerators 32 --slots 288.");
    }
    if ((nodes == null) != (groups == null)) {
      throw usage("The options --nodes and --groups belong together.", "Maybe add the other one.");
    }
    PackOptions options = options(accelerators, slots);
    Packing packing = Packer.pack(loads(file), options);
    if (nodes != null && nodes > 1 && !options.hierarchical()) {
      warn(
          "The nodes (%d) do not divide the groups (%d), so neither is looked at, as in EPLB."
              .formatted(nodes, groups),
          "Maybe take other nodes, if replicas of a group are to lie within one.");
    }
    Ink ink = ink();
    print(
        () -> Packings.toJson(packing),
        () -> PackReport.table(packing, ink),
        PackReport.verdict(packing, ink));
    return ExitCode.OK;
  }

  private Weights loads(Path file) {
    try {
      return Recordings.loads(
          file, experts, note -> warn(note, "Maybe say it better with --experts N."));
    } catch (IllegalArgumentException e) {
      throw usage(e);
    }
  }

  private PackOptions options(int accelerators, int slots) {
    try {
      return new PackOptions(
          accelerators,
          slots,
          Objects.requireNonNullElse(nodes, 1),
          Objects.requireNonNullElse(groups, 1));
    } catch (IllegalArgumentException e) {
      throw usage(e);
    }
  }

  private int packPlan() throws IOException {
    if (problemFile == null || planFile == null) {
      throw usage(
          "A problem and its plan are needed, or --loads.",
          "Maybe: moesaic pack problem.json plan.json");
    }
    if (accelerators != null || slots != null || nodes != null || groups != null || experts != 0) {
      throw usage(
          "The options --accelerators, --slots, --experts, --nodes and --groups are for --loads.",
          "Maybe leave them out; the plan and its problem say what is leased.");
    }
    OfferPackOptions options = offerOptions();
    Problem problem = Problems.read(problemFile);
    Plan plan = Plans.read(planFile);
    var issues = new Issues(planFile);
    List<OfferPacking> packings = OfferPacker.pack(problem, plan, options, issues::error);
    issues.throwIfErrors();
    if (!plan.problem().sha256().equals(problem.sha256())) {
      warn(
          "The plan (%s) answers another state of the problem (%s)."
              .formatted(planFile, problemFile),
          "Maybe the problem was edited since; solve it again.");
    }
    warnOf(packings);
    Ink ink = ink();
    print(
        () -> Packings.toJson(packings),
        () -> PackReport.table(packings, ink),
        PackReport.verdict(packings, ink));
    return ExitCode.OK;
  }

  private OfferPackOptions offerOptions() {
    try {
      return new OfferPackOptions(
          Objects.requireNonNullElse(redundancy, 0), hierarchical, uniform, acceleratorsPerNode);
    } catch (IllegalArgumentException e) {
      throw usage(e);
    }
  }

  private void warnOf(List<OfferPacking> packings) {
    List<OfferPacking> tooLarge = packings.stream().filter(of -> !of.fits()).toList();
    if (!tooLarge.isEmpty()) {
      warn(
          "The slots need more memory than their accelerators can use: %s."
              .formatted(
                  tooLarge.stream()
                      .map(
                          of ->
                              String.format(
                                  Locale.ROOT,
                                  "%s (%.1f of %.1f GiB)",
                                  of.offer(),
                                  of.slotBytesPerAccelerator() / (1L << 30),
                                  of.usableBytesPerAccelerator() / (1L << 30)))
                      .collect(Collectors.joining(", "))),
          "Maybe lease more nodes%s: a layer takes as many slots on each accelerator, which are more than its experts."
              .formatted(
                  redundancy != null || hierarchical || uniform
                      ? ", or ask for less redundancy and leave --hierarchical and --uniform out"
                      : ""));
    }
    for (OfferPacking of : packings) {
      if (!of.layersAcrossNodes().isEmpty()) {
        warn(
            "The offer (%s) has more nodes (%d) than it holds shards of each of %d layers, which therefore cross nodes."
                .formatted(of.offer(), of.nodes(), of.layersAcrossNodes().size()),
            "Maybe leave --hierarchical out.");
      }
    }
  }

  private void warn(String message, String hint) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("moesaic: " + message);
    err.println("  " + hint);
  }

  /** Colours are for standard error, which is where tables go beside JSON. */
  private Ink ink() {
    return json ? Inks.ofStandardError() : Ink.PLAIN;
  }

  private interface Text {
    String text();
  }

  private void print(Text jsonText, Text table, String verdict) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter tables = json ? spec.commandLine().getErr() : out;
    if (json) {
      out.print(jsonText.text());
    }
    if (!quiet) {
      tables.println(table.text());
      tables.println(verdict);
    }
    if (out.checkError()) {
      throw OutputException.ofStandardOutput("The packing");
    }
  }

  private ParameterException usage(String message, String hint) {
    return new ParameterException(spec.commandLine(), message + System.lineSeparator() + hint);
  }

  private ParameterException usage(IllegalArgumentException e) {
    return new ParameterException(
        spec.commandLine(), Objects.requireNonNullElse(e.getMessage(), e.toString()), e);
  }
}
