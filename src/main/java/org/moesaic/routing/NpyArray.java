package org.moesaic.routing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Explanation;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Limits;
import org.moesaic.json.Texts;

/**
 * Reads an array of NumPy: whole numbers in C order. Its dimensions say what it is: two are counts
 * {@code [layers][experts]}, three are tokens {@code [tokens][layers][topk]}, such as those that an
 * engine returns for one sequence.
 *
 * <p>Source: the NPY format, versions 1.0 to 3.0, in the documentation of {@code numpy.lib.format}.
 */
final class NpyArray {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** NumPy itself writes some 120 bytes. */
  private static final long MOST_HEADER_BYTES = 1 << 16;

  private static final int BLOCK_BYTES = 1 << 18;

  private static final Pattern ENTRY =
      Pattern.compile(
          "\\s*(?:'([^']*)'|\"([^\"]*)\")\\s*:\\s*"
              + "(?:'([^']*)'|\"([^\"]*)\"|(True|False)|\\(([0-9,\\sL]*)\\)|(\\[[^\\]]*\\]))\\s*(,|(?=}))");

  private final Source source;
  private final OriginTally tally;
  private final WholeNumbers numbers;
  private final long[] shape;

  private NpyArray(Source source, OriginTally tally, WholeNumbers numbers, long[] shape) {
    this.source = source;
    this.tally = tally;
    this.numbers = numbers;
    this.shape = shape;
  }

  static void read(Source source, OriginTally tally) throws IOException {
    Header header = new HeaderReader(source).read();
    WholeNumbers numbers = numbers(source, header.descr);
    if (header.fortran) {
      throw Fault.of(
          source.file(),
          "The array must be in C order, but its header, which ends at %s, says Fortran order."
              .formatted(source.byteAt(source.offset())),
          "Maybe write it with numpy.ascontiguousarray.");
    }
    new NpyArray(source, tally, numbers, header.shape).read();
  }

  private static WholeNumbers numbers(Source source, String descr) {
    WholeNumbers numbers = WholeNumbers.ofNumpy(descr);
    if (numbers == null) {
      throw Fault.at(
          source.file(),
          0,
          0,
          descr,
          "The numbers of the array must be whole, but its header, which ends at %s, says (%s)."
              .formatted(source.byteAt(source.offset()), Texts.shown(descr)),
          "Maybe write it with astype of an integer type, such as numpy.int32.");
    }
    return numbers;
  }

  private void read() throws IOException {
    if (shape.length != 2 && shape.length != 3) {
      throw wrongShape(
          "must have two dimensions, [layers][experts], or three, [tokens][layers][topk]");
    }
    int layers = (int) requireLayers(shape[shape.length - 2]);
    long bytes = numbers.bytes();
    try {
      for (long dimension : shape) {
        bytes = Math.multiplyExact(bytes, dimension);
      }
      Math.addExact(bytes, source.offset());
    } catch (ArithmeticException e) {
      throw wrongShape("must have less than 2^63 bytes");
    }
    long length = source.length();
    if (length >= 0 && length < source.offset() + bytes) {
      // Said before hours are spent on the part that is there.
      throw Fault.of(
          source.file(),
          "The file ends at byte %d, but the array of shape %s needs %d bytes from byte %d on."
              .formatted(length, shapeText(), bytes, source.offset()),
          "Maybe it was not copied completely, or the recorder was ended while it wrote.");
    }
    if (shape.length == 2) {
      readCounts(layers);
    } else {
      readTokens(layers);
    }
    source.requireEnd("the array of shape " + shapeText());
  }

  private long requireLayers(long layers) {
    if (layers < 1 || layers > Limits.LAYERS) {
      throw wrongShape("must have from 1 to %d layers".formatted(Limits.LAYERS));
    }
    return layers;
  }

  private InvalidInputException wrongShape(String rule) {
    return Fault.of(
        source.file(),
        "The array of shape %s, by its header, which ends at %s, %s."
            .formatted(shapeText(), source.byteAt(source.offset()), rule),
        shape.length == 2
            ? "Maybe these are the tokens of one layer; write them as [tokens][1][topk]."
            : "Maybe the dimensions are in another order; numpy.transpose helps.");
  }

  private String shapeText() {
    return Arrays.toString(shape).replace(", ", ",");
  }

  private void readCounts(int layers) throws IOException {
    tally.shape().experts(source.file(), shape[1]);
    tally.rows(source.file(), layers);
    tally.beginCounts();
    int experts = (int) shape[1];
    if ((long) layers * experts > Limits.EXPERTS) {
      throw wrongShape("must have at most %d experts in all layers".formatted(Limits.EXPERTS));
    }
    ByteBuffer row = ByteBuffer.allocate(experts * numbers.bytes());
    for (int layer = 0; layer < layers; layer++) {
      long start = source.offset();
      source.readFully(row.array(), row.capacity(), "layer " + layer);
      CountRows.add(
          tally,
          numbers,
          row,
          layer,
          (expert, message, hint) ->
              Fault.of(
                  source.file(),
                  message + ", at " + source.byteAt(start + (long) expert * numbers.bytes()) + ".",
                  hint));
    }
  }

  private void readTokens(int layers) throws IOException {
    long topK = shape[2];
    if (topK < 1 || topK > Limits.EXPERTS_PER_LAYER || layers * topK > TokenSink.MOST_CELLS) {
      throw wrongShape("must have from 1 to a few experts per token");
    }
    tally.rows(source.file(), layers);
    var sink =
        new TokenSink(tally, source.file(), IntStream.range(0, layers).toArray(), (int) topK);
    int[] ids = new int[layers * (int) topK];
    int tokenBytes = ids.length * numbers.bytes();
    int tokensPerBlock = Math.max(1, BLOCK_BYTES / tokenBytes);
    ByteBuffer block =
        ByteBuffer.allocate(tokensPerBlock * tokenBytes).order(ByteOrder.nativeOrder());
    for (long token = 0; token < shape[0]; token += tokensPerBlock) {
      int tokens = (int) Math.min(tokensPerBlock, shape[0] - token);
      long start = source.offset();
      source.readFully(
          block.array(), tokens * tokenBytes, "tokens " + token + " to " + (token + tokens - 1));
      for (int t = 0; t < tokens; t++) {
        numbers.read(block, t * tokenBytes, ids);
        int wrong = sink.token(ids);
        if (wrong >= 0) {
          int at = t * tokenBytes + wrong * numbers.bytes();
          Explanation why = sink.explain(ids, wrong, numbers.at(block, at));
          throw Fault.of(
              source.file(),
              "%s: token %d, at %s.".formatted(why.message(), token + t, source.byteAt(start + at)),
              why.hint());
        }
      }
    }
    sink.finish();
  }

  private record Header(String descr, boolean fortran, long[] shape) {}

  /** Reads the header: a Python literal of a dictionary with three entries. */
  private static final class HeaderReader {
    private final Source source;

    HeaderReader(Source source) {
      this.source = source;
    }

    Header read() throws IOException {
      byte[] start = new byte[8];
      source.readFully(start, start.length, "the header");
      if (!Arrays.equals(MAGIC, Arrays.copyOf(start, MAGIC.length))) {
        throw Fault.of(
            source.file(),
            "The file must begin with the mark of NumPy arrays, \\x93NUMPY.",
            "Maybe it is of another format; --format says of which.");
      }
      int version = start[6];
      if (version < 1 || version > 3) {
        throw wrong("is of the unknown version %d".formatted(version & 0xFF));
      }
      byte[] size = new byte[version == 1 ? 2 : 4];
      source.readFully(size, size.length, "the header");
      long length = 0;
      for (int i = size.length - 1; i >= 0; i--) {
        length = length << 8 | (size[i] & 0xFF);
      }
      if (length > MOST_HEADER_BYTES) {
        throw wrong("is %d bytes long, more than %d".formatted(length, MOST_HEADER_BYTES));
      }
      byte[] text = new byte[(int) length];
      source.readFully(text, text.length, "the header");
      return parse(new String(text, StandardCharsets.ISO_8859_1).strip());
    }

    private Header parse(String text) {
      String descr = null;
      Boolean fortran = null;
      long[] shape = null;
      if (!text.startsWith("{") || !text.endsWith("}")) {
        throw wrong("is no dictionary");
      }
      Matcher entry = ENTRY.matcher(text);
      int at = 1;
      while (!text.substring(at).strip().equals("}")) {
        if (!entry.region(at, text.length()).lookingAt()) {
          throw wrong("cannot be understood from its character %d on".formatted(at));
        }
        at = entry.end();
        String key = either(entry.group(1), entry.group(2));
        String value = either(entry.group(3), entry.group(4));
        switch (String.valueOf(key)) {
          case "descr" -> descr = entry.group(7) != null ? "[...]" : value;
          case "fortran_order" -> fortran = Boolean.valueOf("True".equals(entry.group(5)));
          case "shape" -> shape = entry.group(6) == null ? null : dimensions(entry.group(6));
          default -> throw wrong("has the unknown entry " + Texts.shown(String.valueOf(key)));
        }
        if ("[...]".equals(descr)) {
          throw wrong("says that each element has several fields");
        }
      }
      if (descr == null || fortran == null || shape == null) {
        throw wrong("lacks descr, fortran_order or shape");
      }
      return new Header(descr, fortran, shape);
    }

    private static @Nullable String either(@Nullable String a, @Nullable String b) {
      return a == null ? b : a;
    }

    private long[] dimensions(String text) {
      try {
        return Arrays.stream(text.split(","))
            .map(String::strip)
            .filter(number -> !number.isEmpty())
            .map(number -> number.endsWith("L") ? number.substring(0, number.length() - 1) : number)
            .mapToLong(Long::parseLong)
            .toArray();
      } catch (NumberFormatException e) {
        throw wrong("has the shape (%s)".formatted(Texts.shown(text)));
      }
    }

    private InvalidInputException wrong(String what) {
      return Fault.of(
          source.file(),
          "The header of the array %s; it was read up to %s."
              .formatted(what, source.byteAt(source.offset())),
          "Maybe write the array again, with numpy.save.");
    }
  }
}
