package org.moesaic.json;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Small helps for messages. */
public final class Texts {
  private Texts() {}

  /**
   * A value as a message shows it: on one line, printable, and no longer than a reader cares for.
   */
  public static String shown(Object value) {
    String text = value.toString();
    var shown = new StringBuilder();
    for (int i = 0; i < text.length() && shown.length() < Limits.VALUE_CHARS_SHOWN; ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (isPrintable(c)) {
        shown.appendCodePoint(c);
      } else {
        shown.append(String.format(Locale.ROOT, "\\u%04x", c));
      }
      if (shown.length() >= Limits.VALUE_CHARS_SHOWN && i < text.length()) {
        shown.append('…');
      }
    }
    return shown.toString();
  }

  /** A foreign message as part of one of our sentences: on one line, without its full stop. */
  static String oneLine(String message) {
    String line = message.lines().findFirst().orElse("").strip();
    return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
  }

  /** A text with every character escaped that a terminal would obey instead of showing it. */
  public static String printable(String text) {
    if (text.codePoints().allMatch(Texts::isPrintable)) {
      return text;
    }
    var printable = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (isPrintable(c)) {
                printable.appendCodePoint(c);
              } else {
                printable.append(String.format(Locale.ROOT, "\\u%04x", c));
              }
            });
    return printable.toString();
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /** The known name that is nearest to a mistyped one, if any is near. */
  public static Optional<String> nearest(String name, Collection<String> known) {
    String typed = name.length() > MAX_COMPARED ? name.substring(0, MAX_COMPARED) : name;
    int tolerated = Math.max(1, typed.length() / 3);
    return known.stream()
        .limit(MAX_CANDIDATES)
        .filter(candidate -> Math.abs(candidate.length() - typed.length()) <= tolerated)
        .map(candidate -> new Candidate(candidate, distance(typed, candidate)))
        .filter(candidate -> candidate.distance <= tolerated)
        .min(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
        .map(Candidate::name)
        .map(Texts::shown);
  }

  private static final int MAX_COMPARED = 40;
  private static final int MAX_CANDIDATES = 10_000;

  private record Candidate(String name, int distance) {}

  /** Edit distance that ignores case and counts a swap of neighbours as one edit. */
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      d[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      d[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int change = same(a.charAt(i - 1), b.charAt(j - 1)) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + change);
        if (i > 1
            && j > 1
            && same(a.charAt(i - 1), b.charAt(j - 2))
            && same(a.charAt(i - 2), b.charAt(j - 1))) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }

  private static boolean same(char a, char b) {
    return Character.toLowerCase(a) == Character.toLowerCase(b);
  }

  /** A number without a needless fraction: {@code 3} rather than {@code 3.0}. */
  public static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) <= Limits.WHOLE_NUMBER
        ? Long.toString((long) value)
        : Double.toString(value).replace(".0E", "e").replace('E', 'e');
  }

  /** A JSON pointer from field names and indices. */
  public static String pointer(Object... segments) {
    var pointer = new StringBuilder();
    for (Object segment : segments) {
      pointer.append('/').append(segment.toString().replace("~", "~0").replace("/", "~1"));
    }
    return pointer.toString();
  }
}
