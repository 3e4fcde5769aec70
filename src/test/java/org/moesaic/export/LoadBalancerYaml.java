package org.moesaic.export;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.BoundedFile;
import org.moesaic.json.Issues;
import org.moesaic.json.Limits;
import org.moesaic.json.Texts;

/**
 * Reads the little YAML that TensorRT-LLM's load balancer is configured with: two whole numbers,
 * and lists of whole numbers by layer, on one line or several in brackets, or as a block of dashes,
 * which is all that PyYAML makes of it. Comments and one document marker are fine; anchors, quotes,
 * tags and the like are refused rather than guessed at.
 */
final class LoadBalancerYaml {
  private static final Pattern KEY = Pattern.compile("( *)([A-Za-z_0-9]+) *:(?: +(.*))?");
  private static final Pattern ITEM = Pattern.compile(" *- +(\\S+)");

  private final Path file;
  private final Issues issues;
  private final SortedMap<Integer, Row> assignments = new TreeMap<>();
  private int slots = -1;
  private int slotsLine;
  private int updates;
  private int updatesLine;
  private boolean inAssignments;
  private boolean assignmentsSeen;

  /** Where layers are indented to; -1 before the first. */
  private int indent = -1;

  /** The list that goes on in the next line; null if none does. */
  private @Nullable Row open;

  private boolean inBrackets;

  /** The list of one layer, and the line on which it begins. */
  record Row(int line, List<Integer> experts) {}

  private LoadBalancerYaml(Path file, Issues issues) {
    this.file = file;
    this.issues = issues;
  }

  /** Number of slots of each layer. */
  int slots() {
    return slots;
  }

  int updates() {
    return updates;
  }

  int updatesLine() {
    return updatesLine;
  }

  /** The expert in each slot, by model layer. */
  SortedMap<Integer, Row> assignments() {
    return assignments;
  }

  /** Reads a file; if there are errors afterwards, the result is of no use. */
  static LoadBalancerYaml read(Path file, Issues issues) {
    var yaml = new LoadBalancerYaml(file, issues);
    int number = 0;
    try (var bytes = BoundedFile.open(file, Limits.CSV_BYTES);
        var reader = new BufferedReader(BoundedFile.utf8(bytes))) {
      for (String line = reader.readLine();
          line != null && !issues.hasErrors();
          line = reader.readLine()) {
        yaml.line(++number, line);
      }
      yaml.end(number);
    } catch (IOException e) {
      var why = BoundedFile.explain(e);
      issues.errorAt(file, number, null, why.message(), why.hint());
    }
    return yaml;
  }

  private void line(int number, String raw) {
    // A hash begins a comment at the start of a line or after a blank; nothing here is quoted.
    String line = raw.replaceFirst("(^|\\s)#.*$", "").stripTrailing();
    if (line.isEmpty() || (line.equals("---") && number == 1)) {
      return;
    }
    if (line.contains("\t")) {
      error(number, raw, "The line must not have tabs.", "Maybe an editor put them in.");
    } else if (open != null && inBrackets) {
      brackets(number, line);
    } else if (open != null && ITEM.matcher(line).matches()) {
      Matcher item = ITEM.matcher(line);
      if (item.matches()) {
        number(number, item.group(1), open.experts());
      }
    } else {
      open = null;
      key(number, line);
    }
  }

  private void key(int number, String line) {
    Matcher key = KEY.matcher(line);
    if (!key.matches()) {
      error(
          number,
          line,
          "The line must be a key with a colon, a list of whole numbers, or an item of one.",
          "Maybe the file has more to it than a load balancer's; convert it to plain YAML first.");
      return;
    }
    String value = key.group(3) == null ? "" : key.group(3).strip();
    if (key.group(1).isEmpty()) {
      inAssignments = false;
      top(number, key.group(2), value);
    } else if (!inAssignments || (indent >= 0 && key.group(1).length() != indent)) {
      error(
          number,
          line,
          "The line must not be indented like this.",
          "Maybe a line before it is missing.");
    } else {
      indent = key.group(1).length();
      layer(number, key.group(2), value);
    }
  }

  private void top(int number, String key, String value) {
    switch (key) {
      case TensorRtLlmFormat.SLOTS -> {
        once(number, key, slotsLine > 0);
        slotsLine = number;
        slots = number(number, value, new ArrayList<>());
      }
      case TensorRtLlmFormat.UPDATES -> {
        once(number, key, updatesLine > 0);
        updatesLine = number;
        updates = number(number, value, new ArrayList<>());
      }
      case TensorRtLlmFormat.ASSIGNMENTS -> {
        once(number, key, assignmentsSeen);
        assignmentsSeen = true;
        inAssignments = true;
        if (!value.isEmpty() && !value.equals("{}")) {
          error(
              number,
              value,
              "The %s must be one line per layer.".formatted(key),
              "Maybe they are in braces; write each layer on a line of its own.");
        }
      }
      default ->
          error(
              number,
              key,
              "The key (%s) is not known.".formatted(Texts.shown(key)),
              Texts.nearest(
                      key,
                      List.of(
                          TensorRtLlmFormat.SLOTS,
                          TensorRtLlmFormat.UPDATES,
                          TensorRtLlmFormat.ASSIGNMENTS))
                  .map("Maybe %s is meant."::formatted)
                  .orElse("Maybe the file is not a load balancer's."));
    }
  }

  private void layer(int number, String key, String value) {
    int layer = number(number, key, new ArrayList<>());
    Row row = new Row(number, new ArrayList<>());
    once(number, key, assignments.putIfAbsent(layer, row) != null);
    open = row;
    if (value.startsWith("[")) {
      inBrackets = true;
      brackets(number, value.substring(1));
    } else if (!value.isEmpty()) {
      error(
          number,
          value,
          "The value of layer %d must be a list.".formatted(layer),
          "Maybe brackets are missing.");
    }
  }

  /** A part of a list in brackets, up to and maybe with the bracket that ends it. */
  private void brackets(int number, String text) {
    String part = text.strip();
    boolean ends = part.endsWith("]");
    if (ends) {
      part = part.substring(0, part.length() - 1).strip();
    }
    // A comma may stand at the end of a line that another follows, and YAML allows a last one.
    if (part.endsWith(",")) {
      part = part.substring(0, part.length() - 1);
    }
    Row row = open;
    if (!part.isEmpty() && row != null) {
      for (String each : part.split(",", -1)) {
        number(number, each.strip(), row.experts());
      }
    }
    if (ends) {
      inBrackets = false;
      open = null;
    }
  }

  /** Takes a whole number &gt;= 0; -1 after a report. */
  private int number(int line, String text, List<Integer> into) {
    // YAML reads 010 as eight, some of its readers as ten.
    boolean plain =
        !text.isEmpty()
            && text.length() < 10
            && text.chars().allMatch(c -> c >= '0' && c <= '9')
            && (text.length() == 1 || text.charAt(0) != '0');
    if (!plain) {
      error(
          line,
          text,
          "The value (%s) must be a whole number, 0 or more.".formatted(Texts.shown(text)),
          "Maybe a comma or a bracket is missing.");
      return -1;
    }
    int value = Integer.parseInt(text);
    into.add(value);
    return value;
  }

  private void once(int number, String key, boolean twice) {
    if (twice) {
      error(
          number,
          key,
          "The key (%s) is there twice.".formatted(Texts.shown(key)),
          "Maybe remove one of the two.");
    }
  }

  private void end(int number) {
    if (issues.hasErrors()) {
      return;
    }
    if (inBrackets) {
      error(number, "", "The last list must end with a bracket.", "Maybe the file was cut.");
    } else if (slotsLine == 0 || !assignmentsSeen) {
      error(
          0,
          "",
          "The file must have %s and %s."
              .formatted(TensorRtLlmFormat.SLOTS, TensorRtLlmFormat.ASSIGNMENTS),
          "Maybe it was not written completely, or another file is meant.");
    }
  }

  private void error(int line, String value, String message, String hint) {
    issues.errorAt(file, line, value.isEmpty() ? null : value, message, hint);
  }
}
