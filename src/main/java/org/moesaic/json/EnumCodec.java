package org.moesaic.json;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonToken;

/** Enum constants; {@code POWER_DOMAIN} is written {@code powerDomain}. */
final class EnumCodec<E extends Enum<E>> implements Codec<E> {
  private final Class<E> type;
  private final Map<String, E> byName = new LinkedHashMap<>();

  EnumCodec(Class<E> type) {
    this.type = type;
    for (E constant : type.getEnumConstants()) {
      byName.put(name(constant), constant);
    }
  }

  Class<E> type() {
    return type;
  }

  private static String name(Enum<?> constant) {
    String[] words = constant.name().toLowerCase(Locale.ROOT).split("_", -1);
    var name = new StringBuilder(words[0]);
    Arrays.stream(words)
        .skip(1)
        .forEach(
            word -> name.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1)));
    return name.toString();
  }

  @Override
  public E decode(JsonInput in) {
    String expected = "one of " + String.join(", ", byName.keySet());
    if (in.token() != JsonToken.VALUE_STRING) {
      String hint = in.token() == JsonToken.VALUE_NULL ? Hints.NULL : "Maybe put it in quotes.";
      return in.reject(expected, hint, placeholder());
    }
    String text = in.parser().getString();
    E constant = byName.get(text);
    if (constant != null) {
      return constant;
    }
    String hint =
        Texts.nearest(text, byName.keySet())
            .map("Maybe %s is meant."::formatted)
            .orElse("Maybe it comes from another version of this format.");
    in.rejectAs(text, expected, hint);
    return placeholder();
  }

  @Override
  public void encode(E value, JsonGenerator out) {
    out.writeString(name(value));
  }

  @Override
  public Map<String, Object> schema(Map<String, Object> definitions) {
    return Map.of("enum", List.copyOf(byName.keySet()));
  }

  @Override
  public E placeholder() {
    return type.getEnumConstants()[0];
  }

  @Override
  public boolean isScalar() {
    return true;
  }
}
