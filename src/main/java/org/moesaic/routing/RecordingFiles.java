package org.moesaic.routing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.BoundedFile;
import org.moesaic.json.Explanation;
import org.moesaic.json.GzipStream;
import org.moesaic.json.JsonParsers;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Finds the files of a recording, and tells what they are written in.
 *
 * @param parts in the order in which they are read; several only where they make up one recording
 */
record RecordingFiles(RecordingFormat format, List<Path> parts) {
  private static final String META = "meta_info.json";

  /** {@code rank0.safetensors}, but not {@code rank0_raw.safetensors}, which holds tokens. */
  static final String RANK = "rank\\d{1,6}\\.safetensors(\\.gz)?";

  private static final byte[] NPY = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final byte[] PARQUET = {'P', 'A', 'R', '1'};

  /**
   * Finds files.
   *
   * @param paths files, and folders of which all files in a known format are taken, by name
   * @param format what they are written in; null: told from name and contents
   */
  static List<RecordingFiles> find(List<Path> paths, @Nullable RecordingFormat format) {
    var found = new ArrayList<RecordingFiles>();
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        found.addAll(inFolder(path, format));
      } else {
        found.add(new RecordingFiles(format == null ? formatOf(path) : format, List.of(path)));
      }
    }
    return found;
  }

  private static List<RecordingFiles> inFolder(Path folder, @Nullable RecordingFormat format) {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files =
          all.filter(Files::isRegularFile)
              .filter(file -> !name(file).startsWith("."))
              .sorted(RecordingFiles::byNameAndNumber)
              .toList();
    } catch (IOException e) {
      Explanation why = BoundedFile.explain(e);
      throw Fault.of(folder, why.message(), why.hint());
    }
    List<Path> ranks = files.stream().filter(file -> name(file).matches(RANK)).toList();
    if (!ranks.isEmpty() && (format == null || format == RecordingFormat.TENSORRT_LLM)) {
      var parts = new ArrayList<Path>();
      files.stream().filter(file -> name(file).equals(META)).forEach(parts::add);
      parts.addAll(ranks);
      return List.of(new RecordingFiles(RecordingFormat.TENSORRT_LLM, List.copyOf(parts)));
    }
    var found = new ArrayList<RecordingFiles>();
    var plain = new HashSet<String>();
    for (Path file : files) {
      RecordingFormat byName = byExtension(file);
      if (byName != null && (format == null || format == byName || isJson(format, byName))) {
        if (!plain.add(plainName(file))) {
          throw Fault.of(
              file, "The file is there twice, packed by gzip and not.", TensorRtLlm.REMOVE_COPY);
        }
        RecordingFormat actual = format == null ? formatOf(file) : format;
        found.add(new RecordingFiles(actual, List.of(file)));
      }
    }
    if (found.isEmpty()) {
      throw Fault.of(
          folder,
          "The folder has no file of %s format."
              .formatted(format == null ? "a known" : "the " + format.id()),
          "Maybe the files lie in folders below it; name those, or name files.");
    }
    return found;
  }

  /** Whether a name ending that stands for JSON of two formats may be meant. */
  private static boolean isJson(RecordingFormat format, RecordingFormat byName) {
    return format == RecordingFormat.JSON_LINES && byName == RecordingFormat.SGLANG;
  }

  /** Numbers in names count as such, so that {@code part10} comes after {@code part9}. */
  static int byNameAndNumber(Path a, Path b) {
    String left = name(a);
    String right = name(b);
    int i = 0;
    int j = 0;
    while (i < left.length() && j < right.length()) {
      int endLeft = endOfNumber(left, i);
      int endRight = endOfNumber(right, j);
      if (endLeft > i && endRight > j) {
        String digits = left.substring(i, endLeft).replaceFirst("^0+(?=.)", "");
        String others = right.substring(j, endRight).replaceFirst("^0+(?=.)", "");
        int order =
            digits.length() != others.length()
                ? Integer.compare(digits.length(), others.length())
                : digits.compareTo(others);
        if (order != 0) {
          return order;
        }
        i = endLeft;
        j = endRight;
      } else if (left.charAt(i) != right.charAt(j)) {
        return Character.compare(left.charAt(i), right.charAt(j));
      } else {
        i++;
        j++;
      }
    }
    int rest = Integer.compare(left.length() - i, right.length() - j);
    return rest != 0 ? rest : left.compareTo(right);
  }

  private static int endOfNumber(String text, int from) {
    int end = from;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    return end;
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  /** The name of what a file unpacks to. */
  private static String plainName(Path file) {
    String name = name(file);
    return Source.isPacked(file) ? name.substring(0, name.length() - ".gz".length()) : name;
  }

  private static @Nullable RecordingFormat byExtension(Path file) {
    String name = plainName(file).toLowerCase(Locale.ROOT);
    String extension = name.substring(name.lastIndexOf('.') + 1);
    for (RecordingFormat format : RecordingFormat.values()) {
      if (name.contains(".") && format.extensions().contains(extension)) {
        return format;
      }
    }
    return null;
  }

  private static RecordingFormat formatOf(Path file) {
    RecordingFormat byName = byExtension(file);
    if (byName != null && byName != RecordingFormat.SGLANG) {
      return byName;
    }
    if (byName == null && !Files.exists(file)) {
      throw unreadable(file, new NoSuchFileException(file.toString()));
    }
    try (Source source = Source.open(file, Monitor.none())) {
      byte[] head = source.readNBytes(1 << 14);
      if (byName == RecordingFormat.SGLANG || startsWith(head, '{')) {
        return jsonFormat(head);
      } else if (startsWith(head, NPY)) {
        return RecordingFormat.NPY;
      } else if (startsWith(head, PARQUET)) {
        return RecordingFormat.PARQUET;
      }
      String text = new String(head, StandardCharsets.ISO_8859_1);
      String line = text.lines().findFirst().orElse("");
      if (line.contains("layer") && line.contains("expert") && line.contains("weight")) {
        return RecordingFormat.CSV;
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    throw Fault.of(
        file,
        "The format of the file cannot be told from its name or contents.",
        "Maybe say what it is with --format: %s."
            .formatted(
                String.join(
                    ", ", Stream.of(RecordingFormat.values()).map(RecordingFormat::id).toList())));
  }

  private static RuntimeException unreadable(Path file, IOException e) {
    if (e instanceof GzipStream.BrokenException broken) {
      return Fault.of(file, String.valueOf(broken.getMessage()), broken.hint());
    }
    Explanation why = BoundedFile.explain(e);
    return Fault.of(file, why.message(), why.hint());
  }

  /** JSON Lines begin with a row; everything else is left to the reader of SGLang's, to explain. */
  private static RecordingFormat jsonFormat(byte[] head) {
    try (JsonParser parser = JsonParsers.of(new ByteArrayInputStream(head))) {
      int fields = 0;
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        for (String field = parser.nextName(); field != null; field = parser.nextName()) {
          if (JsonLines.FIELDS.contains(field)) {
            fields++;
          }
          parser.nextToken();
          parser.skipChildren();
        }
      }
      return fields >= 2 ? RecordingFormat.JSON_LINES : RecordingFormat.SGLANG;
    } catch (JacksonException e) {
      return RecordingFormat.SGLANG;
    }
  }

  private static boolean startsWith(byte[] bytes, byte... prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static boolean startsWith(byte[] bytes, char first) {
    return bytes.length > 0 && bytes[0] == first;
  }
}
