package org.moesaic;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plans;
import org.moesaic.problem.Problems;
import org.moesaic.solve.Planner;

/** The schemas in the jar are those that the records make. */
class ShippedSchemasTest {
  enum Shipped {
    PROBLEM("/org/moesaic/problem.schema.json", Problems.schema()),
    PLAN("/org/moesaic/plan.schema.json", Plans.schema());

    final String resource;
    final String schema;

    Shipped(String resource, String schema) {
      this.resource = resource;
      this.schema = schema;
    }
  }

  @ParameterizedTest
  @EnumSource
  void shippedSchemaIsTheOneOfTheRecords(Shipped shipped) throws IOException {
    try (var resource = Problems.class.getResourceAsStream(shipped.resource)) {
      assertThat(resource).isNotNull();
      assertThat(new String(resource.readAllBytes(), StandardCharsets.UTF_8))
          .as("Regenerate: mvn test -Dtest=ShippedSchemasTest -Dmoesaic.regenerate=true")
          .isEqualTo(shipped.schema);
    }
  }

  @ParameterizedTest
  @EnumSource
  @EnabledIfSystemProperty(named = "moesaic.regenerate", matches = "true")
  void regenerate(Shipped shipped) throws IOException {
    Files.writeString(Path.of("src/main/resources" + shipped.resource), shipped.schema);
  }

  @Test
  void solvedPlanIsValid() {
    var schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Plans.schema(), InputFormat.JSON);
    Plan plan =
        Planner.builder()
            .steps(100)
            .build()
            .solve(Problems.read(Path.of("problems/01-hand-sized.json")));

    assertThat(schema.validate(Plans.toJson(plan), InputFormat.JSON)).isEmpty();
    assertThat(
            schema.validate(
                Plans.toJson(plan).replace("\"optimal\"", "\"cheap\""), InputFormat.JSON))
        .isNotEmpty();
  }
}
