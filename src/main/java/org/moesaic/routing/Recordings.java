package org.moesaic.routing;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Limits;
import org.moesaic.problem.Weights;

/** Reads recordings of any {@link RecordingFormat} without writing anything. */
public final class Recordings {
  private Recordings() {}

  /**
   * Reads as {@link #loads(Path, int, Consumer)} does. Where a recording does not say how many
   * experts there are (all but SGLang's, TensorRT-LLM's and arrays of counts), the greatest one
   * that is named is the last.
   */
  public static Weights loads(Path fileOrFolder) {
    return loads(fileOrFolder, 0, note -> {});
  }

  /**
   * Reads how often each expert was called. The format is told from names and contents; files whose
   * name ends with {@code .gz} are unpacked. Several files of a folder, and several origins of a
   * CSV file, are added up.
   *
   * @param fileOrFolder a file, or a folder of files of the same model
   * @param experts per layer; 0: as the recording says, or the greatest that it names, plus 1
   * @param notes told that the number of experts is only the greatest one named, plus 1
   * @return a row for each layer from 0 to the last one of which the recording says anything; those
   *     of dense layers are all zero
   * @throws InvalidInputException if a file cannot be used, with where and why
   * @throws IllegalArgumentException if a layer cannot have so many experts
   */
  public static Weights loads(Path fileOrFolder, int experts, Consumer<String> notes) {
    ProfileOptions.requireExperts(experts);
    var shape = new Shape(experts, 0);
    var tally = new OriginTally("", shape, Monitor.none(), null);
    var files = RecordingFiles.find(List.of(fileOrFolder), null);
    new RecordingReading(null).read(files, tally);
    if (tally.called().isEmpty()) {
      throw Fault.of(
          fileOrFolder,
          "The recording calls no expert at all.",
          "Maybe the recorder was not switched on.");
    }
    int width = shape.settleExperts(List.of(tally));
    double[][] rows = new double[tally.layers()][];
    if ((long) rows.length * width > Limits.EXPERTS) {
      throw Fault.of(
          fileOrFolder,
          "There must be at most %d experts in all layers, but there are %d layers of %d experts."
              .formatted(Limits.EXPERTS, rows.length, width),
          "Maybe columns or dimensions are swapped.");
    }
    if (shape.experts() == 0) {
      notes.accept(
          "The recording does not say how many experts a layer has: %d is the greatest that it names, plus 1."
              .formatted(width));
    }
    for (int layer = 0; layer < rows.length; layer++) {
      rows[layer] = tally.row(layer, width);
    }
    return Weights.of(rows);
  }
}
