package org.moesaic.report;

import static com.github.freva.asciitable.HorizontalAlign.LEFT;
import static com.github.freva.asciitable.HorizontalAlign.RIGHT;
import static org.moesaic.report.Tables.column;

import com.github.freva.asciitable.ColumnData;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.moesaic.json.RecordWriter;
import org.moesaic.problem.Routing;
import org.moesaic.routing.Profile;
import org.moesaic.routing.Profile.LayerProfile;
import org.moesaic.routing.Profile.OriginProfile;
import org.moesaic.routing.Profile.Overlap;
import org.moesaic.routing.ProfileProgress;

/** A profile of recordings for people, and how far it is. */
public final class ProfileReport {
  private static final int LAYERS_PER_LINE = 10;

  private static final double SECONDS_PER_NANO = 1e-9;

  private final Profile profile;
  private final StringBuilder text = new StringBuilder();

  private ProfileReport(Profile profile) {
    this.profile = profile;
  }

  /**
   * Tables of origins, of entropy per layer, and of pairs of origins.
   *
   * @return lines, the last of which ends with a line break too
   */
  public static String tables(Profile profile) {
    return new ProfileReport(profile).tables();
  }

  /**
   * What a problem file needs: fields of its model, and its routing.
   *
   * @param folder in which that file has to lie, since its file names start there
   * @return lines of JSON to be put into the file, with lines before that say so
   */
  public static String snippet(Profile profile, Path folder) {
    Routing routing = profile.routing();
    boolean namesFiles = !routing.loads().isEmpty() || !routing.samples().isEmpty();
    var text = new StringBuilder();
    if (namesFiles) {
      text.append("File names start at the folder ")
          .append(folder)
          .append(", where the problem file has to lie.")
          .append('\n');
    }
    text.append("For the problem file: moeLayers ")
        .append(profile.moeLayers())
        .append(", expertsPerLayer ")
        .append(profile.expertsPerLayer())
        .append(", topK ")
        .append(profile.topK() == null ? "(not recorded)" : profile.topK());
    if (!namesFiles) {
      return text.append('\n').toString();
    }
    return text.append(", and")
        .append('\n')
        .append("\"routing\": ")
        .append(RecordWriter.of(Routing.class).toJson(routing))
        .toString();
  }

  /** One line, such as {@code us-chat: 45% of 1.00 GB read, 123,456 tokens, 310 MB/s}. */
  public static String line(ProfileProgress progress) {
    double seconds = Math.max(1, progress.elapsed().toNanos()) * SECONDS_PER_NANO;
    double share = (double) progress.bytesRead() / Math.max(1, progress.totalBytes());
    return "%s: %s of %sB read, %s%sB/s%s"
        .formatted(
            progress.origin(),
            Figures.percent(Math.min(1, share)),
            unit(progress.totalBytes()),
            progress.tokens() == 0 ? "" : Figures.counted(progress.tokens(), "token") + ", ",
            unit(progress.bytesRead() / seconds),
            progress.done() ? ", done" : "");
  }

  /** A figure to three digits that a unit follows: {@code 1.00 G}. */
  private static String unit(double figure) {
    String rounded = Figures.rounded(figure);
    return rounded.contains(" ") ? rounded : rounded + " ";
  }

  private String tables() {
    origins();
    entropies();
    if (!profile.overlaps().isEmpty()) {
      overlaps();
    }
    return text.toString();
  }

  private void origins() {
    table(
        profile.origins(),
        List.of(
            column("origin", LEFT, OriginProfile::origin),
            column("files", RIGHT, o -> Figures.count(o.files())),
            column("size", RIGHT, o -> unit(o.bytes()) + "B"),
            column(
                "tokens",
                RIGHT,
                o -> o.tokens() == null ? Figures.NONE : Figures.count(o.tokens())),
            column("calls", RIGHT, o -> Figures.rounded(o.calls())),
            column("layers", RIGHT, o -> Long.toString(calledLayers(o))),
            column("skew", RIGHT, o -> decimals(o.meanSkew())),
            column("worst", RIGHT, o -> decimals(o.maxSkew())),
            column("entropy", RIGHT, o -> decimals(o.meanEntropyBits())),
            column("least", RIGHT, o -> decimals(o.minEntropyBits())),
            column(
                "sampled",
                RIGHT,
                o -> o.sampleTokens() == null ? Figures.NONE : Figures.count(o.sampleTokens()))));
    text.append(
            "skew: load of the most called expert by the mean load, mean over layers and worst;")
        .append('\n')
        .append(
            "entropy: of calls, bits, mean over layers and least; %s if all %d experts are called"
                .formatted(
                    decimals(Math.log(profile.expertsPerLayer()) / Math.log(2)),
                    profile.expertsPerLayer()))
        .append(" alike.")
        .append('\n');
  }

  private static long calledLayers(OriginProfile origin) {
    return origin.layers().stream().filter(layer -> layer.calls() > 0).count();
  }

  private void entropies() {
    for (OriginProfile origin : profile.origins()) {
      text.append('\n').append("entropy per layer of ").append(origin.origin()).append(", bits:");
      List<LayerProfile> layers = origin.layers();
      for (int i = 0; i < layers.size(); i++) {
        if (i % LAYERS_PER_LINE == 0) {
          text.append('\n').append("%6d ".formatted(layers.get(i).layer()));
        }
        Double bits = layers.get(i).entropyBits();
        text.append("%7s".formatted(bits == null ? Figures.NONE : decimals(bits)));
      }
      text.append('\n');
    }
  }

  private void overlaps() {
    text.append('\n');
    table(
        profile.overlaps(),
        List.of(
            column("origins", LEFT, o -> o.a() + ", " + o.b()),
            column("overlap", RIGHT, o -> Figures.percent(o.mean())),
            column("least", RIGHT, o -> Figures.percent(o.least())),
            column("in layer", RIGHT, (Overlap o) -> Integer.toString(o.leastLayer()))));
    text.append("overlap: share of calls that go to the same experts, mean over layers and least.")
        .append('\n');
  }

  private static String decimals(double figure) {
    return String.format(Locale.ROOT, "%.2f", figure);
  }

  private <T> void table(List<T> rows, List<ColumnData<T>> columns) {
    text.append(Tables.table(rows, columns));
  }
}
