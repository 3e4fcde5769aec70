package org.moesaic.generate;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Names as options spell them: lower case, words joined by hyphens, lists by commas. */
public final class Names {
  private Names() {}

  /** The names in a list, without blanks around them. */
  public static List<String> split(String list) {
    return Arrays.stream(list.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  /**
   * The constant of a name.
   *
   * @param what the kind of thing named, for the message
   * @throws InvalidOptionException if there is none
   */
  public static <E extends Enum<E>> E parse(String what, Class<E> type, String name) {
    return EnumSet.allOf(type).stream()
        .filter(constant -> of(constant).equals(name.strip().toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () -> unknown(what, name, EnumSet.allOf(type).stream().map(Names::of).toList()));
  }

  /**
   * The constants in a list of names.
   *
   * @throws InvalidOptionException if there is none of a name
   */
  public static <E extends Enum<E>> Set<E> parseAll(String what, Class<E> type, String list) {
    return split(list).stream()
        .map(name -> parse(what, type, name))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(type)));
  }

  private static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static InvalidOptionException unknown(String what, String name, List<String> known) {
    return new InvalidOptionException(
        "There is no %s (%s) to choose.".formatted(what, name),
        known.isEmpty()
            ? "other options leave none."
            : "one of these was meant: %s.".formatted(String.join(", ", known)));
  }
}
