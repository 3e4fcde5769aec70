package org.moesaic.json;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the codec of a component by its type and annotations. */
final class Codecs {
  private Codecs() {}

  static Codec<?> of(RecordComponent component) {
    return of(component.getGenericType(), component);
  }

  private static Codec<?> of(Type type, AnnotatedElement annotated) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      Codec<?> element = of(arguments[arguments.length - 1], annotated);
      if (generic.getRawType() == List.class) {
        return new ListCodec<>(element, SizeLimits.of(annotated));
      } else if (generic.getRawType() == Set.class && element instanceof EnumCodec<?> constants) {
        return new EnumSetCodec<>(constants);
      } else if (generic.getRawType() == Map.class && arguments[0] == String.class) {
        return new MapCodec<>(element, SizeLimits.of(annotated));
      }
    } else if (type instanceof Class<?> plain) {
      return of(plain, annotated);
    }
    throw new IllegalArgumentException(
        "The type (%s) of %s has no codec.".formatted(type, annotated));
  }

  private static Codec<?> of(Class<?> type, AnnotatedElement annotated) {
    if (type == String.class) {
      return new StringCodec(annotated.getAnnotation(Pattern.class));
    } else if (type == int.class || type == Integer.class) {
      return new IntegerCodec<>(
          Bounds.of(annotated, Integer.MIN_VALUE, Integer.MAX_VALUE), v -> (int) v);
    } else if (type == long.class || type == Long.class) {
      return new IntegerCodec<>(
          Bounds.of(annotated, -Limits.WHOLE_NUMBER, Limits.WHOLE_NUMBER), v -> v);
    } else if (type == double.class || type == Double.class) {
      return new DoubleCodec(Bounds.of(annotated, -Limits.NUMBER, Limits.NUMBER));
    } else if (type == boolean.class || type == Boolean.class) {
      return new BooleanCodec();
    } else if (type == LocalDate.class) {
      return new DateCodec();
    } else if (type.isEnum()) {
      return enumCodec(type);
    } else if (type.isRecord()) {
      return new RecordCodec<>(type.asSubclass(Record.class));
    } else if (type.isAnnotationPresent(UseCodec.class)) {
      return create(type.getAnnotation(UseCodec.class).value());
    }
    throw new IllegalArgumentException(
        "The type (%s) of %s has no codec.".formatted(type, annotated));
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Codec<?> enumCodec(Class<?> type) {
    return new EnumCodec(type);
  }

  private static Codec<?> create(Class<? extends Codec<?>> type) {
    try {
      var constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      return constructor.newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(
          "The codec (%s) has no usable constructor.".formatted(type), e);
    }
  }
}
