package org.moesaic.problem;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.moesaic.json.Issue.Severity;

class ProblemSchemaTest {
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(Problems.schema(), InputFormat.JSON);

  @Test
  void goodProblemIsValid() {
    assertThat(check(GoodProblem.text())).isEmpty();
  }

  @Test
  void writtenProblemIsValid() {
    assertThat(check(Problems.toJson(Problems.read(GoodProblem.FILE)))).isEmpty();
  }

  static Stream<Path> examples() throws IOException {
    try (var files = Files.walk(Path.of("problems"))) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void exampleIsValid(Path file) throws IOException {
    assertThat(check(Files.readString(file))).isEmpty();
    assertThat(Problems.validate(file)).noneMatch(issue -> issue.severity() == Severity.ERROR);
  }

  static Stream<MalformedProblemTest.Fault> faults() {
    return MalformedProblemTest.faultsOfSchema();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void faultOfOneFieldIsInvalid(MalformedProblemTest.Fault fault) {
    assertThat(check(fault.applyTo(GoodProblem.text()))).isNotEmpty();
  }

  @Test
  void everyFieldIsDescribed() {
    assertThat(Problems.schema())
        .contains("\"description\" : \"price of a node, USD per hour\"")
        .contains("\"const\" : \"moesaic/problem/1\"")
        .contains("\"additionalProperties\" : false");
  }

  private static List<Error> check(String json) {
    return SCHEMA.validate(json, InputFormat.JSON);
  }
}
