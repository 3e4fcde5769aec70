package org.moesaic.routing;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Issue;
import org.moesaic.json.Limits;
import org.moesaic.json.StagedFile;
import org.moesaic.json.Texts;
import org.moesaic.problem.Routing;
import org.moesaic.problem.Routing.Load;
import org.moesaic.problem.Routing.Sample;
import org.moesaic.problem.Weights;
import org.moesaic.routing.Profile.LayerProfile;
import org.moesaic.routing.Profile.OriginProfile;
import org.moesaic.routing.ProfileOptions.DenseLayers;

/**
 * Makes loads and samples of recordings, and figures of them.
 *
 * <p>Idea: one pass over each recording, token by token or count by count. Memory: a number per
 * origin, layer and expert, and the sample of the origin that is being read, however long
 * recordings are. Either everything is right and everything is written, or nothing is.
 */
public final class Profiler {
  private final ProfileOptions options;
  private final ProfileOutputs outputs;
  private final Monitor monitor;
  private final Shape shape;
  private final List<Staged> staged = new ArrayList<>();

  /** Folders that were made for samples, innermost first. */
  private final List<Path> madeFolders = new ArrayList<>();

  private final List<String> notes = new ArrayList<>();

  private Profiler(ProfileOptions options, ProfileOutputs outputs, Monitor monitor) {
    this.options = options;
    this.outputs = outputs;
    this.monitor = monitor;
    shape = new Shape(options.experts(), options.topK());
  }

  /**
   * Profiles recordings, each of another origin of the same model.
   *
   * @param progress told of how far it is, about once a second
   * @param stop asked whether to end early
   * @throws InvalidInputException if recordings cannot be used, with everything that is wrong with
   *     them; nothing is written
   * @throws IllegalArgumentException if an origin is there twice
   * @throws CancellationException if it was stopped; nothing is written
   * @throws IOException if an output cannot be written
   */
  public static Profile profile(
      List<Recording> recordings,
      ProfileOptions options,
      ProfileOutputs outputs,
      Consumer<ProfileProgress> progress,
      BooleanSupplier stop)
      throws IOException {
    if (recordings.isEmpty()) {
      throw new IllegalArgumentException(
          "There must be at least one recording.%nMaybe write ORIGIN=FILE.".formatted());
    }
    var names = new HashSet<String>();
    for (Recording recording : recordings) {
      if (!names.add(recording.origin())) {
        throw new IllegalArgumentException(
            "The origin (%s) is there twice.%nMaybe name all of its files after one %s=."
                .formatted(recording.origin(), recording.origin()));
      }
    }
    return new Profiler(options, outputs, new Monitor(progress, stop)).run(recordings);
  }

  /** A sample that is complete, aside. */
  private record Staged(String origin, StagedFile file, Path target, long tokens) {}

  private Profile run(List<Recording> recordings) throws IOException {
    boolean written = false;
    var tallies = new ArrayList<OriginTally>();
    try {
      makeFolders(outputs.samples());
      Map<String, List<RecordingFiles>> files = find(recordings);
      read(recordings, files, tallies);
      int experts = shape.settleExperts(tallies);
      BitSet layers = layers(tallies);
      requireCells(tallies.size(), layers.cardinality(), experts);
      stageSamples(tallies, layers, experts);
      var loads = new LinkedHashMap<String, double[][]>();
      for (OriginTally tally : tallies) {
        loads.put(
            tally.origin(),
            layers.stream().mapToObj(l -> tally.row(l, experts)).toArray(double[][]::new));
      }
      Profile profile = figures(tallies, files, loads, layers, experts);
      write(loads);
      written = true;
      return profile;
    } catch (WriteFailedException e) {
      throw e.failure();
    } finally {
      for (OriginTally tally : tallies) {
        Samples samples = tally.samples();
        if (samples != null) {
          samples.close();
        }
      }
      for (Staged sample : staged) {
        sample.file.close();
      }
      if (!written) {
        removeMadeFolders();
      }
    }
  }

  private void makeFolders(@Nullable Path folder) throws IOException {
    if (folder == null || Files.isDirectory(folder)) {
      return;
    }
    makeFolders(folder.getParent());
    if (!Files.isDirectory(folder)) { // a/.. is there once a is
      Files.createDirectory(folder);
      madeFolders.add(0, folder);
    }
  }

  private void removeMadeFolders() {
    try {
      for (Path folder : madeFolders) {
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      // Others put something there meanwhile; what went wrong before is what is to be said.
    }
  }

  // ------------------------------------------------------------------------------------- reading

  private Map<String, List<RecordingFiles>> find(List<Recording> recordings) {
    var issues = new ArrayList<Issue>();
    var found = new LinkedHashMap<String, List<RecordingFiles>>();
    for (Recording recording : recordings) {
      for (Path path : recording.paths()) {
        try {
          found
              .computeIfAbsent(recording.origin(), o -> new ArrayList<>())
              .addAll(RecordingFiles.find(List.of(path), options.format()));
        } catch (InvalidInputException e) {
          issues.addAll(e.issues());
        }
      }
    }
    found.forEach((origin, files) -> requireOnce(origin, files, issues));
    throwIfAny(issues);
    found.values().forEach(files -> monitor.expect(bytes(files)));
    return found;
  }

  /** Requires that no file is read twice for an origin, and none is an output. */
  private void requireOnce(String origin, List<RecordingFiles> files, List<Issue> issues) {
    var seen = new HashSet<Path>();
    Path output = outputs.loads() == null ? null : real(outputs.loads());
    for (RecordingFiles recording : files) {
      for (Path part : recording.parts()) {
        if (!seen.add(real(part))) {
          issues.addAll(
              Fault.of(
                      part,
                      "The file is there twice for origin (%s).".formatted(origin),
                      "Maybe its folder is named too.")
                  .issues());
        }
        if (real(part).equals(output)) {
          issues.addAll(
              Fault.of(
                      part,
                      "The file is to be read, and to be written with the loads.",
                      "Maybe write the loads into another folder than that of the recordings.")
                  .issues());
        }
      }
    }
  }

  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      return file.toAbsolutePath().normalize(); // it is not there yet
    }
  }

  private static long bytes(List<RecordingFiles> files) {
    return files.stream()
        .flatMap(recording -> recording.parts().stream())
        .mapToLong(
            file -> {
              try {
                return Files.size(file);
              } catch (IOException e) {
                return 0; // said when it is read
              }
            })
        .sum();
  }

  private void read(
      List<Recording> recordings,
      Map<String, List<RecordingFiles>> files,
      List<OriginTally> tallies)
      throws IOException {
    var issues = new ArrayList<Issue>();
    for (Recording recording : recordings) {
      String origin = recording.origin();
      var tally = new OriginTally(origin, shape, monitor, samples(origin));
      tallies.add(tally);
      monitor.begin(origin);
      try {
        new RecordingReading(origin).read(files.getOrDefault(origin, List.of()), tally);
        Samples samples = tally.samples();
        if (samples != null) {
          samples.seal();
        }
        monitor.end();
      } catch (InvalidInputException e) {
        issues.addAll(e.issues());
      }
    }
    throwIfAny(issues);
  }

  private @Nullable Samples samples(String origin) {
    if (outputs.samples() == null) {
      return null;
    }
    var all = new AllSamples(target(origin, false), shape.experts() > 256);
    return options.sampleTokens() > Integer.MAX_VALUE
        ? all
        : new ReservoirSamples((int) options.sampleTokens(), options.seed(), all);
  }

  private Path target(String origin, boolean wide) {
    Path folder = outputs.samples() == null ? Path.of("") : outputs.samples();
    return folder.resolve(origin + (wide ? ".topk.u16.gz" : ".topk.u8.gz"));
  }

  private static void throwIfAny(List<Issue> issues) {
    if (!issues.isEmpty()) {
      throw new InvalidInputException(issues, 0);
    }
  }

  // ----------------------------------------------------------------------------- what is made of
  // it

  /** The layers that loads have a row for. */
  private BitSet layers(List<OriginTally> tallies) {
    var issues = new ArrayList<Issue>();
    OriginTally first = tallies.get(0);
    var all = new BitSet();
    int rows = 0;
    for (OriginTally tally : tallies) {
      BitSet called = tally.called();
      all.or(called);
      rows = Math.max(rows, tally.layers());
      if (called.isEmpty()) {
        issues.add(
            issue(tally, "calls no expert at all", "Maybe the recorder was not switched on."));
      }
      if (!called.equals(first.called())) {
        BitSet different = first.called();
        different.xor(called);
        int layer = different.nextSetBit(0);
        issues.add(
            issue(
                tally,
                "calls %s experts in layer %d, unlike (%s)"
                    .formatted(called.get(layer) ? "" : "no", layer, first.origin())
                    .replace("  ", " "),
                "Maybe one recording leaves out dense layers and the other does not, or they are of"
                    + " different models."));
      } else if (tally.rows() != 0 && first.rows() != 0 && tally.rows() != first.rows()) {
        issues.add(
            issue(
                tally,
                "has %d layers, but that of (%s) has %d"
                    .formatted(tally.rows(), first.origin(), first.rows()),
                "Maybe one recording leaves out dense layers, or they are of different models."));
      }
    }
    throwIfAny(issues);
    if (options.denseLayers() == DenseLayers.KEEP) {
      all.set(0, rows);
    }
    return all;
  }

  private static Issue issue(OriginTally tally, String what, String hint) {
    return new Issue(
        Issue.Severity.ERROR,
        tally.origin(),
        null,
        0,
        0,
        null,
        "The recording of this origin " + what + ".",
        hint);
  }

  private void requireCells(int origins, int layers, int experts) {
    if ((long) layers * experts > Limits.EXPERTS
        || (long) origins * layers * experts > Limits.CELLS) {
      throw new InvalidInputException(
          List.of(
              new Issue(
                  Issue.Severity.ERROR,
                  "loads",
                  null,
                  0,
                  0,
                  null,
                  "There must be at most %d experts in all layers, and %d in all layers and origins."
                      .formatted(Limits.EXPERTS, Limits.CELLS),
                  "Maybe profile fewer origins at a time.")),
          0);
    }
  }

  private void stageSamples(List<OriginTally> tallies, BitSet layers, int experts)
      throws IOException {
    for (OriginTally tally : tallies) {
      Samples samples = tally.samples();
      BitSet sampled = tally.tokenLayers();
      if (samples == null) {
        continue;
      }
      if (sampled == null) {
        notes.add(
            "The recording of origin (%s) has counts only, so it gives no sample."
                .formatted(tally.origin()));
        continue;
      }
      if (!sampled.equals(layers)) {
        throw new InvalidInputException(
            List.of(
                issue(
                    tally,
                    "has tokens of %d layers, but loads have %d"
                        .formatted(sampled.cardinality(), layers.cardinality()),
                    "Maybe drop dense layers: a sample cannot say that a layer has no experts.")),
            0);
      }
      if (tally.hasCounts()) {
        notes.add(
            "Some recordings of origin (%s) have counts only; its sample is of the others."
                .formatted(tally.origin()));
      }
      Path target = target(tally.origin(), experts > 256);
      staged.add(
          new Staged(
              tally.origin(), samples.finish(target, experts > 256), target, samples.tokens()));
    }
    if (outputs.samples() != null && staged.isEmpty()) {
      throw new InvalidInputException(
          List.of(
              issue(
                  tallies.get(0),
                  "has counts only, as have all others, so there is nothing to sample",
                  "Maybe leave out the samples; loads can be made of counts.")),
          0);
    }
  }

  private Profile figures(
      List<OriginTally> tallies,
      Map<String, List<RecordingFiles>> files,
      Map<String, double[][]> loads,
      BitSet layers,
      int experts) {
    var origins = new ArrayList<OriginProfile>();
    for (OriginTally tally : tallies) {
      origins.add(
          origin(
              tally,
              files.getOrDefault(tally.origin(), List.of()),
              loads.getOrDefault(tally.origin(), new double[0][])));
    }
    boolean guessed = shape.experts() == 0;
    if (guessed) {
      notes.add(
          "The recordings do not say how many experts a layer has: %d is the greatest that they name,"
                  .formatted(experts)
              + " plus 1. --experts says it better.");
    }
    noteLayers(tallies, layers);
    return new Profile(
        layers.cardinality(),
        experts,
        guessed,
        shape.topK() == 0 ? null : shape.topK(),
        layers.stream().boxed().toList(),
        origins,
        Figures.overlaps(loads),
        routing(),
        notes);
  }

  private void noteLayers(List<OriginTally> tallies, BitSet layers) {
    BitSet leftOut = new BitSet();
    leftOut.set(0, layers.length());
    leftOut.andNot(layers);
    if (!leftOut.isEmpty()) {
      int moved = leftOut.nextSetBit(0);
      notes.add(
          "%s %s no expert and %s left out; layer %d here is layer %d of the recordings."
              .formatted(
                  named(leftOut),
                  leftOut.cardinality() == 1 ? "calls" : "call",
                  leftOut.cardinality() == 1 ? "is" : "are",
                  moved,
                  layers.nextSetBit(moved)));
    }
    BitSet perhapsDense = (BitSet) layers.clone();
    boolean hasTokens = false;
    for (OriginTally tally : tallies) {
      if (tally.tokenLayers() != null) {
        hasTokens = true;
        perhapsDense.and(tally.onlyFirstExpert());
      }
    }
    if (hasTokens && shape.topK() == 1 && !perhapsDense.isEmpty()) {
      boolean one = perhapsDense.cardinality() == 1;
      notes.add(
          "%s %s expert 0 only; with one expert per token that may be %s."
                  .formatted(
                      named(perhapsDense),
                      one ? "calls" : "call",
                      one ? "a dense layer" : "dense layers")
              + " Maybe record dense layers as -1.");
    }
  }

  /** Such as {@code Layers 0 to 2, 5}. */
  private static String named(BitSet layers) {
    var text = new StringBuilder(layers.cardinality() == 1 ? "Layer " : "Layers ");
    int end = 0;
    for (int from = layers.nextSetBit(0); from >= 0; from = layers.nextSetBit(end)) {
      text.append(end == 0 ? "" : ", ").append(from);
      end = layers.nextClearBit(from);
      if (end > from + 1) {
        text.append(" to ").append(end - 1);
      }
    }
    return text.toString();
  }

  private OriginProfile origin(OriginTally tally, List<RecordingFiles> files, double[][] rows) {
    List<LayerProfile> layers =
        IntStream.range(0, rows.length).mapToObj(l -> Figures.layer(l, rows[l])).toList();
    List<LayerProfile> called = layers.stream().filter(layer -> layer.calls() > 0).toList();
    double calls = called.stream().mapToDouble(LayerProfile::calls).sum();
    return new OriginProfile(
        tally.origin(),
        files.stream().mapToInt(recording -> recording.parts().size()).sum(),
        bytes(files),
        tokens(tally, calls / Math.max(1, called.size())),
        calls,
        average(called.stream().map(LayerProfile::skew)),
        of(called.stream().map(LayerProfile::skew)).max().orElse(1),
        average(called.stream().map(LayerProfile::entropyBits)),
        of(called.stream().map(LayerProfile::entropyBits)).min().orElse(0),
        layers,
        staged.stream()
            .filter(sample -> sample.origin.equals(tally.origin()))
            .map(Staged::tokens)
            .findFirst()
            .orElse(null));
  }

  private static double average(Stream<@Nullable Double> figures) {
    OptionalDouble mean = of(figures).average();
    return mean.orElse(0);
  }

  private static DoubleStream of(Stream<@Nullable Double> figures) {
    return figures.mapToDouble(figure -> figure == null ? 0 : figure);
  }

  /** Tokens that were read, or as many as the mean layer's calls are of; null: not known. */
  private @Nullable Long tokens(OriginTally tally, double callsPerLayer) {
    if (!tally.hasCounts()) {
      return tally.tokens();
    }
    double tokens = callsPerLayer / shape.topK();
    boolean known =
        shape.topK() != 0 && !tally.hasFractions() && tokens >= 1 && tokens <= Limits.WHOLE_NUMBER;
    return known ? Math.round(tokens) : null;
  }

  // ------------------------------------------------------------------------------------- writing

  private void write(Map<String, double[][]> loads) throws IOException {
    if (outputs.loads() == null) {
      commitSamples();
      return;
    }
    try (StagedFile file = StagedFile.beside(outputs.loads())) {
      Writer out =
          new BufferedWriter(new OutputStreamWriter(file.out(), StandardCharsets.UTF_8), 1 << 16);
      out.write("layer,expert,weight,origin\n");
      for (Map.Entry<String, double[][]> origin : loads.entrySet()) {
        write(origin.getKey(), origin.getValue(), out);
      }
      out.flush();
      // Whoever finds the loads shall find the samples too.
      commitSamples();
      file.commit(outputs.loads());
    }
  }

  private static void write(String origin, double[][] rows, Writer out) throws IOException {
    for (int layer = 0; layer < rows.length; layer++) {
      for (int expert = 0; expert < rows[layer].length; expert++) {
        out.write(layer + "," + expert + "," + Texts.number(rows[layer][expert]));
        out.write("," + origin + "\n");
      }
    }
  }

  private void commitSamples() throws IOException {
    for (Staged sample : staged) {
      sample.file.commit(sample.target);
    }
  }

  /** What a problem file says of the outputs, if it lies where their paths start. */
  private Routing routing() {
    List<Load> loads =
        outputs.loads() == null
            ? List.of()
            : List.of(new Load(null, name(outputs.loads()), Weights.of(new double[0][])));
    List<Sample> samples =
        staged.stream()
            .map(sample -> new Sample(sample.origin, name(sample.target), sample.tokens))
            .toList();
    return new Routing(loads, samples);
  }

  /** A path as a problem file names it, from the folder on in which all outputs lie. */
  private String name(Path file) {
    Path folder = outputFolder(outputs).toAbsolutePath().normalize();
    Path relative = folder.relativize(file.toAbsolutePath().normalize());
    return relative.toString().replace('\\', '/');
  }

  /**
   * The folder from which {@link Profile#routing} names files: that of the loads, or one further up
   * in which the samples lie too. A problem file that says so has to lie there.
   */
  public static Path outputFolder(ProfileOutputs outputs) {
    Path loads = outputs.loads();
    Path samples = outputs.samples();
    Path folder =
        loads != null
            ? loads.toAbsolutePath().normalize().getParent()
            : samples != null ? samples.toAbsolutePath().normalize().getParent() : null;
    while (folder != null
        && folder.getParent() != null
        && samples != null
        && !samples.toAbsolutePath().normalize().startsWith(folder)) {
      folder = folder.getParent();
    }
    return folder == null ? Path.of("") : folder;
  }
}
