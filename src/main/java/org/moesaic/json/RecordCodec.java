package org.moesaic.json;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Issue.Severity;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonToken;

/** Records, component by component. */
final class RecordCodec<R extends Record> implements Codec<R> {
  private final Class<R> type;
  private final Constructor<R> constructor;
  private final List<Field> components;

  /** What the JSON object may hold, by name. */
  private final Map<String, Field> fields = new LinkedHashMap<>();

  private final @Nullable String format;
  private final List<String> exactlyOne;

  RecordCodec(Class<R> type) {
    this.type = type;
    this.constructor = canonicalConstructor(type);
    var list = new ArrayList<Field>();
    for (RecordComponent component : type.getRecordComponents()) {
      var field = new Field(component, list.size());
      list.add(field);
      if (field.isInFile()) {
        fields.put(field.name(), field);
      }
    }
    this.components = List.copyOf(list);
    this.format =
        type.isAnnotationPresent(Format.class) ? type.getAnnotation(Format.class).value() : null;
    this.exactlyOne =
        type.isAnnotationPresent(ExactlyOne.class)
            ? List.of(type.getAnnotation(ExactlyOne.class).value())
            : List.of();
  }

  private static <R extends Record> Constructor<R> canonicalConstructor(Class<R> type) {
    Class<?>[] parameters =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<R> constructor = type.getDeclaredConstructor(parameters);
      constructor.setAccessible(true);
      return constructor;
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("A record has a canonical constructor.", e);
    }
  }

  @Override
  public R decode(JsonInput in) {
    if (in.token() != JsonToken.START_OBJECT) {
      return in.reject("an object", Hints.bracket(in, "braces"), placeholder());
    }
    var values = new @Nullable Object[components.size()];
    var seen = new boolean[components.size()];
    in.open(new Open(type, values, components));
    boolean formatSeen = format == null;
    while (in.next() != JsonToken.END_OBJECT) {
      String name = in.parser().currentName();
      Field field = fields.get(name);
      if (format != null && name.equals(FormatField.NAME)) {
        in.next();
        FormatField.check(in, format);
        formatSeen = true;
      } else if (field == null) {
        in.rejectField("is not known", unknownHint(name));
        in.next();
        in.parser().skipChildren();
      } else if (seen[field.index()]) {
        in.rejectField("is there twice", "Maybe remove one of the two.");
        in.next();
        in.parser().skipChildren();
      } else {
        in.next();
        values[field.index()] = field.codec().decode(in);
        seen[field.index()] = true;
      }
    }
    if (!formatSeen) {
      in.missing(
          Severity.ERROR,
          FormatField.NAME,
          "is missing",
          "Maybe add \"format\": \"" + format + "\".");
    }
    fillAbsent(in, values, seen);
    checkExactlyOne(in, seen);
    in.close();
    return construct(in, values);
  }

  private String unknownHint(String name) {
    var known = new ArrayList<>(fields.keySet());
    if (format != null) {
      known.add(FormatField.NAME);
    }
    return Texts.nearest(name, known)
        .map("Maybe %s is meant."::formatted)
        .orElse("Maybe one of these is meant: %s.".formatted(String.join(", ", known)));
  }

  private void fillAbsent(JsonInput in, @Nullable Object[] values, boolean[] seen) {
    for (Field field : components) {
      if (seen[field.index()]) {
        continue;
      }
      if (field.isRequired()) {
        in.missing(
            Severity.ERROR,
            field.name(),
            "is missing",
            field.doc().isEmpty()
                ? "Maybe it was lost in an edit."
                : "Maybe add it: %s.".formatted(field.doc()));
      } else if (field.absenceMeans() != null) {
        in.missing(
            Severity.WARNING,
            field.name(),
            "is absent, so " + field.absenceMeans(),
            "Maybe add it: %s.".formatted(field.doc()));
      }
      values[field.index()] = field.ifAbsent();
    }
  }

  private void checkExactlyOne(JsonInput in, boolean[] seen) {
    if (exactlyOne.isEmpty()) {
      return;
    }
    long there =
        exactlyOne.stream()
            .filter(name -> seen[Objects.requireNonNull(fields.get(name)).index()])
            .count();
    if (there != 1) {
      String names = String.join(" and ", exactlyOne);
      in.missing(
          Severity.ERROR,
          exactlyOne.getFirst(),
          there == 0
              ? "is missing: one of %s has to be there".formatted(names)
              : "is one too many: only one of %s may be there".formatted(names),
          there == 0 ? "Maybe add one of them." : "Maybe remove one of them.");
    }
  }

  /** Null, which no caller keeps, if the record's own constructor refuses its values. */
  @SuppressWarnings("NullAway") // see Codec.placeholder: such a value never leaves the reader
  private R construct(@Nullable JsonInput in, @Nullable Object[] values) {
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (in != null && e.getCause() instanceof IllegalArgumentException refusal) {
        in.error(
            null,
            String.valueOf(refusal.getMessage()),
            "Maybe two of its fields contradict each other.");
      }
      return null;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("The record (%s) cannot be made.".formatted(type), e);
    }
  }

  @Override
  public void encode(R value, JsonGenerator out) {
    JsonLayout.beginObject(out, type.isAnnotationPresent(OneLine.class));
    if (format != null) {
      out.writeName(FormatField.NAME);
      out.writeString(format);
    }
    for (Field field : fields.values()) {
      Object component = field.get(value);
      if (component != null && !field.isOmitted(component)) {
        out.writeName(field.name());
        field.encode(component, out);
      }
    }
    out.writeEndObject();
  }

  @Override
  public Map<String, Object> schema(Map<String, Object> definitions) {
    String name = type.getSimpleName();
    if (!definitions.containsKey(name)) {
      definitions.put(name, Map.of()); // holds the place, so that definitions come in reading order
      definitions.put(name, objectSchema(definitions));
    }
    var reference = new LinkedHashMap<String, Object>();
    reference.put("$ref", "#/$defs/" + name);
    return reference;
  }

  /** The schema itself, not a reference to it. */
  Map<String, Object> objectSchema(Map<String, Object> definitions) {
    var properties = new LinkedHashMap<String, Object>();
    var required = new ArrayList<String>();
    if (format != null) {
      properties.put(FormatField.NAME, Map.of("const", format));
      required.add(FormatField.NAME);
    }
    for (Field field : fields.values()) {
      properties.put(field.name(), field.schema(definitions));
      if (field.isRequired()) {
        required.add(field.name());
      }
    }
    var schema = new LinkedHashMap<String, Object>();
    schema.put("title", Open.words(type));
    schema.put("type", "object");
    schema.put("properties", properties);
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
    if (!exactlyOne.isEmpty()) {
      schema.put(
          "oneOf", exactlyOne.stream().map(one -> Map.of("required", List.of(one))).toList());
    }
    schema.put("additionalProperties", false);
    return schema;
  }

  @Override
  public R placeholder() {
    return construct(null, components.stream().map(Field::ifAbsent).toArray());
  }

  /** Names a record in messages by its {@code id} or {@code name}, once that is read. */
  private static final class Open extends JsonInput.OpenRecord {
    private final Class<?> type;
    private final @Nullable Object[] values;
    private final List<Field> components;

    Open(Class<?> type, @Nullable Object[] values, List<Field> components) {
      this.type = type;
      this.values = values;
      this.components = components;
    }

    @Override
    @Nullable String identity() {
      for (Field field : components) {
        if ((field.name().equals("id") || field.name().equals("name"))
            && values[field.index()] instanceof String text
            && !text.isBlank()) {
          return text;
        }
      }
      return null;
    }

    @Override
    String kind() {
      return words(type);
    }

    /** {@code EgressRates} as "egress rates". */
    static String words(Class<?> type) {
      return type.getSimpleName().replaceAll("(?<=.)(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }
  }
}
