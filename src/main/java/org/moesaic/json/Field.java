package org.moesaic.json;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** A component of a record, and what its declaration says of the field that holds it. */
final class Field {
  private final RecordComponent component;
  private final int index;
  private final Codec<?> codec;
  private final @Nullable String defaultJson;
  private final @Nullable Object defaultValue;

  Field(RecordComponent component, int index) {
    this.component = component;
    this.index = index;
    // Of what no file holds, no more than the placeholder is needed.
    this.codec = isInFile() ? Codecs.of(component) : new StringCodec(null);
    Default absent = component.getAnnotation(Default.class);
    this.defaultJson = absent == null ? null : absent.value();
    this.defaultValue = defaultJson == null ? null : RecordReader.decode(codec, defaultJson);
    component.getAccessor().setAccessible(true);
  }

  String name() {
    return component.getName();
  }

  int index() {
    return index;
  }

  Codec<?> codec() {
    return codec;
  }

  boolean isInFile() {
    return !component.isAnnotationPresent(NotInFile.class);
  }

  boolean isNullable() {
    return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
  }

  boolean isRequired() {
    return isInFile() && !isNullable() && defaultJson == null;
  }

  /** Its {@link Doc}; empty if it has none. */
  String doc() {
    Doc doc = component.getAnnotation(Doc.class);
    return doc == null ? "" : doc.value();
  }

  @Nullable String absenceMeans() {
    WarnIfAbsent warn = component.getAnnotation(WarnIfAbsent.class);
    return warn == null ? null : warn.value();
  }

  /** The value if the field is absent: its default, null, or for a required field a placeholder. */
  @Nullable Object ifAbsent() {
    return isNullable() ? null : defaultJson != null ? defaultValue : codec.placeholder();
  }

  /** Whether writers leave the field out when it has this value. */
  boolean isOmitted(@Nullable Object value) {
    return value == null || (defaultJson != null && value.equals(defaultValue));
  }

  /** Reads the component. */
  @Nullable Object get(Record value) {
    try {
      return component.getAccessor().invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("The component (%s) cannot be read.".formatted(component), e);
    }
  }

  @SuppressWarnings("unchecked") // the value comes from this component
  void encode(Object value, JsonGenerator out) {
    ((Codec<Object>) codec).encode(value, out);
  }

  Map<String, Object> schema(Map<String, Object> definitions) {
    var schema = new LinkedHashMap<String, Object>();
    if (!doc().isEmpty()) {
      schema.put("description", doc());
    }
    schema.putAll(codec.schema(definitions));
    if (defaultJson != null) {
      schema.put("default", RecordReader.plain(defaultJson));
    }
    return schema;
  }
}
