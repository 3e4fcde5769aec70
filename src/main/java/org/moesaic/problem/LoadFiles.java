package org.moesaic.problem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Issues;
import org.moesaic.json.Limits;
import org.moesaic.json.Texts;
import org.moesaic.problem.Routing.Load;

/** Reads the weights of loads that name a CSV file. */
final class LoadFiles {
  private final Model model;
  private final Set<String> origins;
  private final ProblemFolder folder;
  private final Issues issues;

  /** Files that were read, by real path: several loads may take their rows from one. */
  private final Map<Path, WeightsCsv.Content> contents = new HashMap<>();

  /** Loads by whose they are; null for every origin's. */
  private final Map<@Nullable String, Integer> owners = new HashMap<>();

  private final CellBudget budget = new CellBudget();
  private long bytes;

  LoadFiles(Problem problem, ProblemFolder folder, Issues issues) {
    this.model = problem.model();
    this.origins = problem.origins().stream().map(Origin::id).collect(Collectors.toSet());
    this.folder = folder;
    this.issues = issues;
  }

  /**
   * The loads with their weights; those whose file is of no use keep {@link Weights#NONE}, which is
   * then reported.
   */
  List<Load> read(List<Load> loads) {
    var complete = new ArrayList<Load>();
    for (int i = 0; i < loads.size(); i++) {
      Load load = loads.get(i);
      String file = load.file();
      String pointer = Texts.pointer("routing", "loads", i);
      for (Load each : file == null ? List.of(load) : read(load, file, pointer)) {
        claim(each, i, pointer);
        complete.add(each);
      }
    }
    return complete;
  }

  private void claim(Load load, int index, String pointer) {
    String origin = load.origin();
    Integer earlier = owners.putIfAbsent(origin, index);
    if (earlier != null) {
      issues.error(
          pointer,
          null,
          "%s must have one load, but loads (%d) and (%d) are both its own."
              .formatted(
                  origin == null
                      ? "Every origin"
                      : "The origin (%s)".formatted(Texts.shown(origin)),
                  earlier,
                  index),
          "Maybe name the origin of one of them.");
    }
  }

  private List<Load> read(Load load, String file, String pointer) {
    WeightsCsv.Content content = content(file, pointer + "/file");
    if (content == null) {
      return List.of(load);
    }
    String origin = load.origin();
    if (origin != null) {
      Weights weights = content.of(origin);
      if (weights == null && !issues.hasErrors()) {
        issues.error(
            pointer + "/file",
            file,
            "The file (%s) has no weights of origin (%s)."
                .formatted(Texts.shown(file), Texts.shown(origin)),
            "Maybe remove this load; an origin without one calls all experts equally often.");
      }
      return List.of(new Load(origin, file, weights == null ? Weights.NONE : weights));
    }
    if (!content.byOrigin()) {
      return List.of(new Load(null, file, content.ofAll()));
    }
    return content.weights().entrySet().stream()
        .map(each -> new Load(each.getKey(), file, each.getValue()))
        .toList();
  }

  private WeightsCsv.@Nullable Content content(String name, String pointer) {
    Path file = folder.find(name, pointer);
    if (file == null) {
      return null;
    }
    try {
      Path real = file.toRealPath();
      WeightsCsv.Content known = contents.get(real);
      if (known == null) {
        bytes += Files.size(real);
        if (bytes > Limits.ALL_CSV_BYTES) {
          issues.error(
              pointer,
              name,
              "The CSV files together must not be larger than %d MiB."
                  .formatted(Limits.ALL_CSV_BYTES >> 20),
              "Maybe leave out rows whose weight is 0.");
          return null;
        }
        known = WeightsCsv.read(file, model, origins, budget, issues);
        contents.put(real, known);
      }
      return known;
    } catch (IOException e) {
      issues.error(
          pointer,
          name,
          "The file (%s) must be readable.".formatted(Texts.shown(name)),
          "Maybe it was just removed.");
      return null;
    }
  }
}
