package org.moesaic.problem;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.moesaic.json.Issue.Severity;

class ProblemSchemaTest {
  private static final String RESOURCE = "/org/moesaic/problem.schema.json";
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(Problems.schema(), InputFormat.JSON);

  @Test
  void shippedSchemaIsTheOneOfTheRecords() throws IOException {
    try (var shipped = Problems.class.getResourceAsStream(RESOURCE)) {
      assertThat(shipped).isNotNull();
      assertThat(new String(shipped.readAllBytes(), StandardCharsets.UTF_8))
          .as("Regenerate: mvn test -Dtest=ProblemSchemaTest -Dmoesaic.regenerate=true")
          .isEqualTo(Problems.schema());
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "moesaic.regenerate", matches = "true")
  void regenerate() throws IOException {
    Files.writeString(Path.of("src/main/resources" + RESOURCE), Problems.schema());
  }

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
