package org.moesaic.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.moesaic.export.DenseLayers;
import org.moesaic.export.Export;
import org.moesaic.export.Export.OfferFile;
import org.moesaic.export.ExportFormat;
import org.moesaic.export.ExportOptions;
import org.moesaic.export.Exporter;
import org.moesaic.export.ProblemSearch;
import org.moesaic.generate.Catalog;
import org.moesaic.generate.ModelShape;
import org.moesaic.json.Texts;
import org.moesaic.pack.OfferPacking;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plans;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import org.moesaic.report.Ink;
import org.moesaic.report.PackReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code moesaic export}: a plan as files that serving engines load. */
@Command(
    name = "export",
    description = {
      "Write a plan as files that serving engines load: one for each offer, in which its experts"
          + " are packed onto its accelerators, leases.csv, and routes.json, which says which offer"
          + " serves each origin, layer and expert.",
      "The engines run a whole model on one cluster. Where the plan gives an offer some experts of"
          + " a layer only, the rest is listed as an error; --allow-partial leaves it out where the"
          + " format can say so."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK + ":ok, every file is written",
      ExitCode.USAGE + ":usage, or a folder that cannot be written to",
      ExitCode.INVALID_INPUT
          + ":invalid problem or plan, or a plan that the format cannot say; nothing is written"
    })
final class ExportCommand implements Callable<Integer> {
  /** The titles of formats, for help and completion. */
  static final class Formats implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(ExportFormat.values()).map(ExportFormat::title).iterator();
    }
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "PLAN", description = "The plan file.")
  private Path planFile;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FORMAT",
      completionCandidates = Formats.class,
      description = "One of: ${COMPLETION-CANDIDATES}.")
  private String format = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FOLDER",
      description =
          "Where the files go; made if it is missing (default: beside the plan, PLAN.FORMAT).")
  private @Nullable Path output;

  @Option(
      names = "--problem",
      paramLabel = "FILE",
      description =
          "The problem that the plan answers (default: the file of its SHA-256 in the plan's"
              + " folder, the working folder, or a folder problems in or beside either).")
  private @Nullable Path problemFile;

  @Option(
      names = "--dense-layers",
      paramLabel = "N|A,B",
      description =
          "Layers of the model without experts: how many come first, or which they are, counted"
              + " from 0; 5, is layer 5 alone (default: those of the model, if generate --list"
              + " models has it, else 0).")
  private @Nullable String denseLayers;

  @Option(
      names = "--redundancy",
      paramLabel = "N",
      description =
          "Fewest slots of a layer beyond one per expert held; more where that makes slots equal on"
              + " all accelerators (default: ${DEFAULT-VALUE}).")
  private int redundancy = 0;

  @Option(
      names = "--hierarchical",
      description = "Keep all replicas that an expert has at an offer within one node.")
  private boolean hierarchical;

  @Option(
      names = "--accelerators-per-node",
      paramLabel = "N",
      description = "Of offers that do not say it themselves.")
  private @Nullable Integer acceleratorsPerNode;

  @Option(
      names = "--allow-partial",
      description = "Leave out experts that an offer does not hold, where the format can say so.")
  private boolean allowPartial;

  @Option(names = "--force", description = "Replace files of the same names.")
  private boolean force;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    ExportFormat to = asked(() -> ExportFormat.of(format));
    String given = denseLayers;
    DenseLayers dense = given == null ? null : asked(() -> DenseLayers.parse(given));
    Plan plan = Plans.read(planFile);
    Problem problem =
        Problems.read(problemFile == null ? ProblemSearch.find(plan, planFile) : problemFile);
    Optional<ModelShape> shape = Catalog.builtIn().shapeOf(problem.model());
    DenseLayers known =
        shape.map(s -> DenseLayers.leading(s.denseLayers())).orElse(DenseLayers.NONE);
    DenseLayers layers = dense == null ? known : dense;
    Export export =
        asked(
            () ->
                Exporter.export(
                    problem,
                    plan,
                    planFile,
                    new ExportOptions(
                        to, layers, redundancy, hierarchical, allowPartial, acceleratorsPerNode)));
    Path folder = output == null ? besidePlan(to) : output;
    write(export, folder);
    if (dense == null && shape.isEmpty()) {
      err.printf(
          "note: The model (%s) is not known, so its first layer with experts is taken for its"
              + " first layer.%n  Maybe say how many come before it: --dense-layers N%n",
          Texts.shown(problem.model().name()));
    }
    export.notes().forEach(note -> err.println("note: " + note));
    print(out, export, folder);
    return ExitCode.OK;
  }

  private Path besidePlan(ExportFormat to) {
    String name = String.valueOf(planFile.getFileName());
    String stem = name.endsWith(".json") ? name.substring(0, name.length() - 5) : name;
    return planFile.resolveSibling(stem + "." + to.title());
  }

  private void write(Export export, Path folder) {
    try {
      asked(
          () -> {
            export.writeTo(folder, force);
            return folder;
          });
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(),
          "The folder (%s) cannot be written to: %s.%nMaybe choose another folder."
              .formatted(folder, e),
          e);
    }
  }

  /** What options ask for. */
  @FunctionalInterface
  private interface Asked<T, E extends Exception> {
    T get() throws E;
  }

  /** Turns what is wrong with options into what picocli explains. */
  private <T, E extends Exception> T asked(Asked<T, E> value) throws E {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static void print(PrintWriter out, Export export, Path folder) {
    List<OfferPacking> packings = export.offers().stream().map(OfferFile::packing).toList();
    out.print(PackReport.table(packings, Ink.PLAIN));
    out.println();
    out.println(PackReport.verdict(packings, Ink.PLAIN));
    out.printf(
        "%s for %s, leases.csv and routes.json are in %s:%n",
        packings.size() == 1 ? "1 file" : packings.size() + " files",
        export.format().title(),
        folder);
    export.offers().forEach(file -> out.println("  " + file.usage()));
    out.flush();
  }
}
