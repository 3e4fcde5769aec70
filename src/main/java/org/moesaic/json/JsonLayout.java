package org.moesaic.json;

import java.io.Writer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.json.JsonFactory;

/** How written JSON looks: two spaces, {@code \n}, and small lists and rows on one line. */
public final class JsonLayout {
  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonLayout() {}

  static JsonGenerator generator(Writer out) {
    var printer = new Printer();
    return FACTORY.createGenerator(
        new ObjectWriteContext.Base() {
          @Override
          public PrettyPrinter getPrettyPrinter() {
            return printer;
          }

          @Override
          public boolean hasPrettyPrinter() {
            return true;
          }
        },
        out);
  }

  /** Begins a list; on one line, all that it holds is on that line too. */
  public static void beginArray(JsonGenerator out, boolean onOneLine) {
    if (onOneLine) {
      beginLine(out);
    }
    out.writeStartArray();
  }

  /** Ends the list that was begun last. */
  public static void endArray(JsonGenerator out) {
    out.writeEndArray();
  }

  /** Begins an object; on one line, all that it holds is on that line too. */
  static void beginObject(JsonGenerator out, boolean onOneLine) {
    if (onOneLine) {
      beginLine(out);
    }
    out.writeStartObject();
  }

  private static void beginLine(JsonGenerator out) {
    if (out.getPrettyPrinter() instanceof Printer printer) {
      printer.beginLine();
    }
  }

  /** Writes a number so that reading it gives the same; whole ones without a fraction. */
  public static void writeNumber(JsonGenerator out, double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      out.writeNumber((long) value);
    } else {
      out.writeNumber(value);
    }
  }

  private static final class Printer implements PrettyPrinter {
    private static final int NOWHERE = Integer.MAX_VALUE;

    private int depth;

    /** The depth from which on everything is on one line. */
    private int lineDepth = NOWHERE;

    /** Puts the list or object that begins next on one line. */
    void beginLine() {
      lineDepth = Math.min(lineDepth, depth + 1);
    }

    @Override
    public void writeRootValueSeparator(JsonGenerator out) {
      out.writeRaw('\n');
    }

    @Override
    public void writeStartObject(JsonGenerator out) {
      out.writeRaw('{');
      depth++;
    }

    @Override
    public void beforeObjectEntries(JsonGenerator out) {
      lineBreak(out, "");
    }

    @Override
    public void writeObjectNameValueSeparator(JsonGenerator out) {
      out.writeRaw(": ");
    }

    @Override
    public void writeObjectEntrySeparator(JsonGenerator out) {
      out.writeRaw(',');
      lineBreak(out, " ");
    }

    @Override
    public void writeEndObject(JsonGenerator out, int entries) {
      end(out, entries);
      out.writeRaw('}');
    }

    @Override
    public void writeStartArray(JsonGenerator out) {
      out.writeRaw('[');
      depth++;
    }

    @Override
    public void beforeArrayValues(JsonGenerator out) {
      lineBreak(out, "");
    }

    @Override
    public void writeArrayValueSeparator(JsonGenerator out) {
      out.writeRaw(',');
      lineBreak(out, " ");
    }

    @Override
    public void writeEndArray(JsonGenerator out, int values) {
      end(out, values);
      out.writeRaw(']');
    }

    private void end(JsonGenerator out, int elements) {
      boolean onOneLine = depth >= lineDepth;
      depth--;
      if (depth < lineDepth) {
        lineDepth = NOWHERE;
      }
      if (elements > 0 && !onOneLine) {
        lineBreak(out, "");
      }
    }

    /** A new line with its indent, or what stands for it on one line. */
    private void lineBreak(JsonGenerator out, String onOneLine) {
      if (depth >= lineDepth) {
        out.writeRaw(onOneLine);
        return;
      }
      out.writeRaw('\n');
      for (int i = 0; i < depth; i++) {
        out.writeRaw("  ");
      }
    }
  }
}
