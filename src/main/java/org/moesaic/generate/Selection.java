package org.moesaic.generate;

import java.util.List;

/** Some of the rows of a table. */
public sealed interface Selection {
  /** All of them. */
  Selection ALL = new First(Integer.MAX_VALUE);

  /**
   * The first ones, or those there are.
   *
   * @param count how many, &gt;= 1
   */
  record First(int count) implements Selection {
    public First {
      if (count < 1) {
        throw new InvalidOptionException(
            "A count (%d) must be at least 1.".formatted(count), "leave the option out.");
      }
    }
  }

  /**
   * Those named.
   *
   * @param names at least one
   */
  record Named(List<String> names) implements Selection {
    public Named {
      names = List.copyOf(names);
      if (names.isEmpty()) {
        throw new InvalidOptionException("A list is empty.", "leave the option out.");
      }
    }
  }

  /** A number of rows, or their names with commas between. */
  static Selection parse(String text) {
    String stripped = text.strip();
    return stripped.matches("-?[0-9]{1,9}")
        ? new First(Integer.parseInt(stripped))
        : new Named(Names.split(stripped));
  }
}
