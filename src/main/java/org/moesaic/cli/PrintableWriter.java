package org.moesaic.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;
import org.moesaic.json.Texts;

/**
 * Passes on text for people, with every character escaped that a terminal would obey instead of
 * showing it: names come from files, and files from anywhere. Line breaks, tabs and colours stay.
 */
final class PrintableWriter extends FilterWriter {
  private static final char ESCAPE = '\u001b';

  /** The longest colour that is let through; longer ones are none. */
  private static final int MOST_OF_COLOUR = 16;

  /** What may become a pair of surrogates, or a colour. */
  private final StringBuilder pending = new StringBuilder();

  PrintableWriter(Writer out) {
    super(out);
  }

  @Override
  public void write(int c) throws IOException {
    synchronized (lock) {
      pending.append((char) c);
      pass(false);
    }
  }

  @Override
  public void write(char[] text, int from, int length) throws IOException {
    write(new String(text, from, length), 0, length);
  }

  @Override
  public void write(String text, int from, int length) throws IOException {
    synchronized (lock) {
      pending.append(text, from, from + length);
      pass(false);
    }
  }

  /** Passes on what is complete, or all of it. */
  private void pass(boolean all) throws IOException {
    var passed = new StringBuilder();
    int i = 0;
    while (i < pending.length()) {
      char c = pending.charAt(i);
      int end = i + 1;
      if (c == ESCAPE) {
        end = endOfColour(i);
      } else if (Character.isHighSurrogate(c)) {
        end =
            i + 1 == pending.length()
                ? INCOMPLETE
                : i + (Character.isLowSurrogate(pending.charAt(i + 1)) ? 2 : 1);
      }
      if (end == INCOMPLETE) {
        if (!all) {
          break;
        }
        end = i + 1;
      }
      String part = pending.substring(i, end);
      boolean stays = c == '\n' || c == '\r' || c == '\t' || (c == ESCAPE && part.length() > 1);
      passed.append(stays ? part : Texts.printable(part));
      i = end;
    }
    pending.delete(0, i);
    out.append(passed);
  }

  private static final int INCOMPLETE = -1;

  /** Where a colour ends that begins here; the next character if it is none. */
  private int endOfColour(int from) {
    for (int i = from + 1; i < pending.length(); i++) {
      char c = pending.charAt(i);
      boolean begins = i == from + 1 && c == '[';
      boolean goesOn = i > from + 1 && (Character.isDigit(c) || c == ';');
      if (i > from + 1 && c == 'm') {
        return i + 1;
      } else if ((!begins && !goesOn) || i - from > MOST_OF_COLOUR) {
        return from + 1;
      }
    }
    return INCOMPLETE;
  }

  @Override
  public void flush() throws IOException {
    synchronized (lock) {
      pass(true);
      super.flush();
    }
  }

  @Override
  public void close() throws IOException {
    flush();
    super.close();
  }
}
