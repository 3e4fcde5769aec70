package org.moesaic.routing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.BoundedFile;
import org.moesaic.json.Explanation;
import org.moesaic.json.GzipStream;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Issue;

/** Reads the recordings of an origin, each by the reader of its format. */
final class RecordingReading {
  /** Whose rows of a CSV file count; null: everyone's. */
  private final @Nullable String csvOrigin;

  RecordingReading(@Nullable String csvOrigin) {
    this.csvOrigin = csvOrigin;
  }

  /**
   * Reads them all.
   *
   * @throws InvalidInputException with what is wrong with each of them; then the tally is of no use
   */
  void read(List<RecordingFiles> recordings, OriginTally tally) {
    var issues = new ArrayList<Issue>();
    for (RecordingFiles recording : recordings) {
      try {
        BitSet before = tally.called();
        read(recording, tally);
        if (issues.isEmpty()) {
          requireLayersOf(before, recording.parts().get(0), tally);
        }
      } catch (InvalidInputException e) {
        issues.addAll(e.issues());
      }
    }
    if (!issues.isEmpty()) {
      throw new InvalidInputException(issues, 0);
    }
  }

  /** Counts of layers that are numbered otherwise would be added to those of other layers. */
  private static void requireLayersOf(BitSet before, Path file, OriginTally tally) {
    BitSet more = tally.called();
    more.andNot(before);
    if (!before.isEmpty() && !more.isEmpty()) {
      throw Fault.of(
          file,
          "The file calls experts in layer %d, unlike the files before it."
              .formatted(more.nextSetBit(0)),
          "Maybe one of them leaves out dense layers and numbers the others from 0 on.");
    }
  }

  private void read(RecordingFiles recording, OriginTally tally) {
    Path file = recording.parts().get(0);
    Monitor monitor = tally.monitor();
    switch (recording.format()) {
      case SGLANG -> readFile(file, monitor, source -> SglangJson.read(source, tally));
      case CSV -> readFile(file, monitor, source -> LoadsCsv.read(source, tally, csvOrigin));
      case NPY -> readFile(file, monitor, source -> NpyArray.read(source, tally));
      case JSON_LINES -> readFile(file, monitor, source -> JsonLines.read(source, tally));
      case TENSORRT_LLM -> TensorRtLlm.read(recording.parts(), tally);
      case PARQUET -> ParquetRows.read(file, tally);
    }
  }

  /** Reads one file. */
  interface FileReader {
    /** Reads it to its end. */
    void read(Source source) throws IOException;
  }

  /** Reads a file, and says what is wrong if it cannot be read. */
  static void readFile(Path file, Monitor monitor, FileReader reader) {
    try (Source source = Source.open(file, monitor)) {
      reader.read(source);
    } catch (GzipStream.BrokenException e) {
      throw Fault.of(file, String.valueOf(e.getMessage()), e.hint());
    } catch (IOException e) {
      Explanation why = BoundedFile.explain(e);
      throw Fault.of(file, why.message(), why.hint());
    }
  }
}
