package org.moesaic.problem;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Issue.Severity;
import org.moesaic.json.Issues;
import org.moesaic.json.Texts;

/**
 * The things of one list by id: finds ids that are there twice, and names that nothing has.
 *
 * @param <T> what has the ids
 */
final class Ids<T> {
  private final String what;
  private final Map<String, T> byId = new LinkedHashMap<>();
  private final Issues issues;

  /** Whether an id could not be read, so that a name may be missing for that reason alone. */
  private boolean incomplete;

  private Ids(String what, Issues issues) {
    this.what = what;
    this.issues = issues;
  }

  /**
   * Takes a list and reports ids that are there twice.
   *
   * @param what names one of its elements, e.g. {@code "region"}
   * @param field the field of the problem that holds the list
   */
  static <T> Ids<T> of(
      String what, String field, List<T> list, Function<T, String> id, Issues issues) {
    var ids = new Ids<T>(what, issues);
    var first = new LinkedHashMap<String, Integer>();
    for (int i = 0; i < list.size(); i++) {
      String name = id.apply(list.get(i));
      Integer earlier = first.putIfAbsent(name, i);
      if (name.isBlank()) {
        ids.incomplete = true;
      } else if (earlier != null) {
        issues.error(
            Texts.pointer(field, i, "id"),
            name,
            "The id (%s) of %s (%d) must be unique, but %s (%d) has it too."
                .formatted(Texts.shown(name), what, i, what, earlier),
            "Maybe an entry was copied without giving it a name of its own.");
      }
      ids.byId.putIfAbsent(name, list.get(i));
    }
    return ids;
  }

  /** What has an id, or null. */
  @Nullable T find(String id) {
    return byId.get(id);
  }

  /**
   * Reports a name that nothing has.
   *
   * @param of who uses the name, e.g. {@code " of offer (a)"}
   */
  void require(String name, String pointer, String of) {
    if (!byId.containsKey(name) && !incomplete) {
      issues.error(
          pointer,
          name,
          "The %s (%s)%s must be the id of one of the %ss."
              .formatted(what, Texts.shown(name), of, what),
          suggestion(name)
              .orElse("Maybe its entry is missing from the list of %ss.".formatted(what)));
    }
  }

  /** Reports names that nothing has, each at its place in a list. */
  void requireAll(List<String> names, String pointer, String of) {
    for (int i = 0; i < names.size(); i++) {
      require(names.get(i), pointer + "/" + i, of);
    }
  }

  /** A hint that names the nearest id, if one is near. */
  private Optional<String> suggestion(String name) {
    return !issues.keepsMore(Severity.ERROR)
        ? Optional.empty()
        : Texts.nearest(name, byId.keySet()).map("Maybe %s is meant."::formatted);
  }
}
