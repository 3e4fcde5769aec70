package org.moesaic.json;

import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JsonGenerator;

/** Sets of enum constants, written as lists in the order of declaration. */
final class EnumSetCodec<E extends Enum<E>> implements Codec<Set<E>> {
  private final EnumCodec<E> element;
  private final Codec<List<E>> list;

  EnumSetCodec(EnumCodec<E> element) {
    this.element = element;
    this.list =
        new ListCodec<>(element, new SizeLimits(0, element.type().getEnumConstants().length));
  }

  @Override
  public Set<E> decode(JsonInput in) {
    Set<E> set = EnumSet.noneOf(element.type());
    set.addAll(list.decode(in));
    return set;
  }

  @Override
  public void encode(Set<E> value, JsonGenerator out) {
    Set<E> ordered = EnumSet.noneOf(element.type());
    ordered.addAll(value);
    list.encode(List.copyOf(ordered), out);
  }

  @Override
  public Map<String, Object> schema(Map<String, Object> definitions) {
    var schema = new LinkedHashMap<String, Object>();
    schema.put("type", "array");
    schema.put("items", element.schema(definitions));
    schema.put("maxItems", element.type().getEnumConstants().length);
    return schema;
  }

  @Override
  public Set<E> placeholder() {
    return Collections.emptySet();
  }
}
