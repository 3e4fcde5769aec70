package org.moesaic.json;

import java.io.Writer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.json.JsonFactory;

/** How written JSON looks: two spaces, {@code \n}, and lists of numbers or texts on one line. */
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

  /** Begins a list; one on one line must not hold lists or objects. */
  public static void beginArray(JsonGenerator out, boolean onOneLine) {
    out.writeStartArray();
    if (out.getPrettyPrinter() instanceof Printer printer) {
      printer.onOneLine = onOneLine;
    }
  }

  /** Ends the list that was begun last. */
  public static void endArray(JsonGenerator out) {
    out.writeEndArray();
    if (out.getPrettyPrinter() instanceof Printer printer) {
      printer.onOneLine = false;
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
    private int depth;
    private boolean onOneLine;

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
      newLine(out);
    }

    @Override
    public void writeObjectNameValueSeparator(JsonGenerator out) {
      out.writeRaw(": ");
    }

    @Override
    public void writeObjectEntrySeparator(JsonGenerator out) {
      out.writeRaw(',');
      newLine(out);
    }

    @Override
    public void writeEndObject(JsonGenerator out, int entries) {
      depth--;
      if (entries > 0) {
        newLine(out);
      }
      out.writeRaw('}');
    }

    @Override
    public void writeStartArray(JsonGenerator out) {
      out.writeRaw('[');
      depth++;
    }

    @Override
    public void beforeArrayValues(JsonGenerator out) {
      if (!onOneLine) {
        newLine(out);
      }
    }

    @Override
    public void writeArrayValueSeparator(JsonGenerator out) {
      out.writeRaw(onOneLine ? ", " : ",");
      if (!onOneLine) {
        newLine(out);
      }
    }

    @Override
    public void writeEndArray(JsonGenerator out, int values) {
      depth--;
      if (values > 0 && !onOneLine) {
        newLine(out);
      }
      out.writeRaw(']');
    }

    private void newLine(JsonGenerator out) {
      out.writeRaw('\n');
      for (int i = 0; i < depth; i++) {
        out.writeRaw("  ");
      }
    }
  }
}
