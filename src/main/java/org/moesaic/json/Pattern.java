package org.moesaic.json;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a text, or each text of a list, has to look like. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Pattern {
  /**
   * A regular expression in the dialect that Java and ECMAScript share; it has to match the whole
   * text.
   */
  String value();

  /** The same in words, to follow "must be", e.g. {@code "a name without slashes"}. */
  String says();
}
