package org.moesaic.json;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Issue.Severity;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamContext;

/**
 * A JSON document while it is read: its tokens, and where to report what is wrong at the current
 * one.
 */
public final class JsonInput {
  private final JsonParser parser;
  private final Issues issues;
  private @Nullable OpenRecord open;
  private final Map<String, String> texts = new HashMap<>();
  private long cells;
  private long elements;

  JsonInput(JsonParser parser, Issues issues) {
    this.parser = parser;
    this.issues = issues;
  }

  /** The tokens. */
  public JsonParser parser() {
    return parser;
  }

  /** The token the input stands on. */
  public @Nullable JsonToken token() {
    return parser.currentToken();
  }

  /** Moves on to the next token. */
  public @Nullable JsonToken next() {
    return parser.nextToken();
  }

  /**
   * Counts numbers of matrices over the whole document; false once there are more than {@link
   * Limits#CELLS}.
   */
  public boolean countCell() {
    return ++cells <= Limits.CELLS;
  }

  /** Counts an element of a list; false, after one report, once there are too many of them. */
  boolean countElement() {
    elements++;
    if (elements == Limits.ELEMENTS + 1L) {
      tooMany("elements in all lists", Limits.ELEMENTS);
    }
    return elements <= Limits.ELEMENTS;
  }

  /**
   * The current text. Equal texts are one object: a file names few things, but may name them
   * millions of times.
   */
  String text() {
    String text = parser.getString();
    String known = texts.get(text);
    if (known != null) {
      return known;
    } else if (texts.size() >= Limits.TEXTS) {
      tooMany("different texts", Limits.TEXTS);
      return "";
    }
    texts.put(text, text);
    return text;
  }

  private void tooMany(String what, int limit) {
    error(
        null,
        "The document has too many %s; %d are supported.".formatted(what, limit),
        "Maybe it is damaged, or not the file that was meant.");
  }

  /** The JSON pointer of the current value. */
  public String pointer() {
    return parser.streamReadContext().pathAsPointer().toString();
  }

  /** The current value as a finite number &gt;= 0; 0 after a report if it is none. */
  public double nonNegative() {
    return DoubleCodec.decode(this, Bounds.NOT_NEGATIVE);
  }

  /** Reports an error at a pointer, which need not be the current value's. */
  public void errorAt(String pointer, String message, String hint) {
    issues.error(pointer, null, message, hint);
  }

  /**
   * Reports that the current value is not what it must be, and skips it.
   *
   * @param expected follows "must be", e.g. {@code "a whole number"}
   * @param hint begins with "Maybe"
   * @param instead is returned
   */
  public <T> T reject(String expected, String hint, T instead) {
    rejectAs(literal(), expected, hint);
    parser.skipChildren();
    return instead;
  }

  /** Reports that the current value, shown as given, is not what it must be. */
  void rejectAs(String shown, String expected, String hint) {
    String name = name();
    String value = Texts.shown(shown);
    var owner = open;
    report(
        Severity.ERROR,
        pointer(),
        shown,
        () -> "The %s (%s)%s must be %s.".formatted(name, value, of(owner), expected),
        hint);
  }

  /** Reports that something is wrong with the current value as a whole. */
  void error(@Nullable Object value, String message, String hint) {
    report(Severity.ERROR, pointer(), value, () -> message, hint);
  }

  /** Reports something about a field name that the input stands on. */
  void rejectField(String says, String hint) {
    var owner = open;
    String field = parser.currentName();
    report(
        Severity.ERROR,
        pointer(),
        null,
        () -> "The field %s%s %s.".formatted(Texts.shown(field), of(owner), says),
        hint);
  }

  /** Reports that a field is not there; the input stands on the end of its record. */
  void missing(Severity severity, String field, String says, String hint) {
    var owner = open;
    issues.add(
        severity,
        pointer() + Texts.pointer(field),
        0,
        0,
        null,
        () -> "The field %s%s %s.".formatted(field, of(owner), says),
        hint);
  }

  private void report(
      Severity severity,
      String pointer,
      @Nullable Object value,
      Supplier<String> message,
      String hint) {
    var at = parser.currentTokenLocation();
    issues.add(severity, pointer, at.getLineNr(), at.getColumnNr(), value, message, hint);
  }

  /** Begins a record; its issues are told in its name. */
  void open(OpenRecord opened) {
    opened.outer = open;
    opened.place = parser.streamReadContext().getParent().inRoot() ? "" : name();
    open = opened;
  }

  /** Ends the innermost record. */
  void close() {
    if (open != null) {
      open = open.outer;
    }
  }

  private static String of(@Nullable OpenRecord owner) {
    return owner == null ? "" : owner.toString();
  }

  /** The current value's field with its indices, e.g. {@code weights[3][17]}. */
  private String name() {
    var indices = new StringBuilder();
    TokenStreamContext context = parser.streamReadContext();
    if (parser.currentToken() == JsonToken.START_OBJECT
        || parser.currentToken() == JsonToken.START_ARRAY) {
      context = context.getParent();
    }
    for (; context != null && !context.inRoot(); context = context.getParent()) {
      if (context.inObject()) {
        return Texts.shown(String.valueOf(context.currentName())) + indices;
      }
      indices.insert(0, "[" + context.getCurrentIndex() + "]");
    }
    return "document" + indices;
  }

  /** The current value as JSON, objects and arrays abridged. */
  private String literal() {
    return switch (parser.currentToken()) {
      case START_OBJECT -> "{…}";
      case START_ARRAY -> "[…]";
      case VALUE_STRING -> '"' + parser.getString() + '"';
      case null -> "nothing";
      default -> parser.getString();
    };
  }

  /** A record that is being read. */
  abstract static class OpenRecord {
    private @Nullable OpenRecord outer;
    private String place = "";

    /** What identifies it, once that is read: its id or name. */
    abstract @Nullable String identity();

    /** What it is, e.g. "offer". */
    abstract String kind();

    /** Its name for messages, with a leading " of ". */
    @Override
    public final String toString() {
      String identity = identity();
      if (identity != null) {
        return " of %s (%s)".formatted(kind(), Texts.shown(identity));
      }
      return " of " + (place.isEmpty() ? kind() : place);
    }
  }
}
