package org.moesaic.routing;

import java.nio.file.Path;
import java.util.List;
import org.moesaic.json.InvalidInputException;
import org.moesaic.problem.Weights;

/** Reads recordings of any {@link RecordingFormat} without writing anything. */
public final class Recordings {
  private Recordings() {}

  /**
   * Reads how often each expert was called. The format is told from names and contents; files whose
   * name ends with {@code .gz} are unpacked. Several files of a folder, and several origins of a
   * CSV file, are added up.
   *
   * @param fileOrFolder a file, or a folder of files of the same model
   * @return a row for each layer from 0 to the last one of which the recording says anything; those
   *     of dense layers are all zero. Where a recording does not say how many experts there are
   *     (all but SGLang's, TensorRT-LLM's and arrays of counts), the greatest one that is named is
   *     the last
   * @throws InvalidInputException if a file cannot be used, with where and why
   */
  public static Weights loads(Path fileOrFolder) {
    var shape = new Shape(0, 0);
    var tally = new OriginTally("", shape, Monitor.none(), null);
    var files = RecordingFiles.find(List.of(fileOrFolder), null);
    new RecordingReading(null).read(files, tally);
    int experts = shape.settleExperts(List.of(tally));
    double[][] rows = new double[tally.layers()][];
    for (int layer = 0; layer < rows.length; layer++) {
      rows[layer] = tally.row(layer, experts);
    }
    return Weights.of(rows);
  }
}
