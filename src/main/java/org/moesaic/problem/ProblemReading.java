package org.moesaic.problem;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Issues;
import org.moesaic.json.RecordReader;
import org.moesaic.problem.Routing.Load;
import org.moesaic.problem.Routing.Sample;

/**
 * Reads one problem file in three steps, each of which needs the one before: what the fields say,
 * whether they fit each other, and whether any plan could keep the rules.
 */
final class ProblemReading {
  private static final RecordReader<Problem> READER = RecordReader.of(Problem.class);

  private final Issues issues;

  private ProblemReading(Issues issues) {
    this.issues = issues;
  }

  /**
   * The problem, fit for use only if no error is reported; null if there is none at all, which is
   * reported.
   */
  static @Nullable Problem read(Path file, Issues issues) {
    return new ProblemReading(issues).read(file);
  }

  private @Nullable Problem read(Path file) {
    var document = READER.read(file, issues);
    if (document == null) {
      return null;
    }
    Problem problem = withFiles(document.value());
    if (!issues.hasErrors()) {
      var allowed = new AllowedOffers(problem);
      new ShardChecks(problem, allowed, issues).check();
      new TrafficChecks(problem, allowed, issues).check();
    }
    return problem.withSha256(document.sha256());
  }

  private Problem withFiles(Problem problem) {
    var folder = new ProblemFolder(issues);
    var model = new ModelChecks(problem, issues);
    var routing = new RoutingChecks(problem, folder, issues);
    model.check();
    new NameChecks(problem, issues).check();
    new RuleChecks(problem, issues).check();
    routing.checkFiles();
    if (!model.shapeIsKnown()) {
      return problem;
    }
    routing.checkShapes();
    List<Load> loads = new LoadFiles(problem, folder, issues).read(problem.routing().loads());
    List<Sample> samples =
        new SampleFiles(problem, folder, issues).read(problem.routing().samples());
    var read = new Routing(loads, samples);
    routing.warnOfTwoSources(read);
    return problem.withRouting(read);
  }
}
