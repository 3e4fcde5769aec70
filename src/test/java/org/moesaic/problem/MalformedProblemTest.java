package org.moesaic.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Issue;
import org.moesaic.json.Issue.Severity;

/**
 * Each way to spoil a good problem gets one error: at the right place, with the right words and a
 * way out.
 */
class MalformedProblemTest {
  /**
   * One fault.
   *
   * @param csv whether the CSV file is spoilt instead of the problem
   * @param where JSON pointers of all errors, joined by "|"; or {@code line[:column]}
   * @param message a part of one error's message
   * @param hint a part of the same error's hint
   */
  record Fault(boolean csv, List<Edit> edits, String where, String message, String hint) {
    /** The same fault, which shows only after another edit. */
    Fault given(String part, String by) {
      var all = new ArrayList<>(edits);
      all.add(new Edit(part, by));
      return new Fault(csv, all, where, message, hint);
    }

    String applyTo(String text) {
      String spoilt = text;
      for (Edit edit : edits) {
        spoilt = GoodProblem.replace(spoilt, edit.part, edit.by);
      }
      return spoilt;
    }

    @Override
    public String toString() {
      return where + " " + message;
    }
  }

  /** Text of the good problem, or of its CSV file, and what it is replaced by. */
  record Edit(String part, String by) {}

  private static Fault json(String part, String by, String where, String message, String hint) {
    return new Fault(false, List.of(new Edit(part, by)), where, message, hint);
  }

  private static Fault csv(String part, String by, String where, String message, String hint) {
    return new Fault(true, List.of(new Edit(part, by)), where, message, hint);
  }

  static Stream<Fault> faults() {
    return Stream.of(
            types(),
            fields(),
            ranges(),
            names(),
            rules(),
            weights(),
            files(),
            feasible(),
            placed(),
            syntax(),
            csvs())
        .flatMap(List::stream);
  }

  /**
   * Those that a JSON Schema can see: faults of one field, other than fields that are there twice.
   */
  static Stream<Fault> faultsOfSchema() {
    return Stream.of(types(), fields(), ranges())
        .flatMap(List::stream)
        .filter(fault -> !fault.message().contains("twice"))
        .filter(fault -> !fault.message().contains("2027-02-30"))
        .filter(fault -> !fault.message().contains("must be at most 1e30"));
  }

  private static List<Fault> types() {
    return List.of(
        json(
            "\"moeLayers\": 2",
            "\"moeLayers\": \"2\"",
            "/model/moeLayers",
            "The moeLayers (\"2\") of model (Tiny-MoE) must be a whole number.",
            "Maybe remove the quotes."),
        json(
            "\"moeLayers\": 2",
            "\"moeLayers\": 1.5",
            "/model/moeLayers",
            "The moeLayers (1.5) of model (Tiny-MoE) must be a whole number.",
            "Maybe round it."),
        json(
            "\"moeLayers\": 2",
            "\"moeLayers\": null",
            "/model/moeLayers",
            "The moeLayers (null) of model (Tiny-MoE) must be a whole number.",
            "Maybe leave the field out; an explicit null is not accepted."),
        json(
            "\"moeLayers\": 2",
            "\"moeLayers\": [2]",
            "/model/moeLayers",
            "The moeLayers ([…]) of model (Tiny-MoE) must be a whole number.",
            "Maybe it belongs to another field."),
        json(
            "\"moeLayers\": 2",
            "\"moeLayers\": {\"a\": {\"b\": 1}}",
            "/model/moeLayers",
            "The moeLayers ({…}) of model (Tiny-MoE) must be a whole number.",
            "Maybe it belongs to another field."),
        json(
            "\"expertBytes\": 44040192",
            "\"expertBytes\": true",
            "/model/expertBytes",
            "The expertBytes (true) of model (Tiny-MoE) must be a whole number.",
            "Maybe it belongs to another field."),
        json(
            "\"name\": \"Tiny-MoE\"",
            "\"name\": 5",
            "/model/name",
            "The name (5) of model must be a text.",
            "Maybe put it in quotes."),
        json(
            "\"powerCapKw\": 20000",
            "\"powerCapKw\": \"lots\"",
            "/regions/0/powerCapKw",
            "The powerCapKw (\"lots\") of region (us-east) must be a number.",
            "Maybe remove the quotes."),
        json(
            "\"maxNodes\": 200",
            "\"maxNodes\": null",
            "/offers/0/maxNodes",
            "The maxNodes (null) of offer (azure-us-east-h100) must be a whole number.",
            "Maybe leave the field out; an explicit null is not accepted."),
        json(
            "\"bidirectional\": true",
            "\"bidirectional\": \"yes\"",
            "/links/0/bidirectional",
            "The bidirectional (\"yes\") of links[0] must be true or false.",
            "Maybe remove the quotes."),
        json(
            "\"survive\": [\"region\"]",
            "\"survive\": \"region\"",
            "/policy/survive",
            "The survive (\"region\") of policy must be a list.",
            "Maybe a pair of square brackets is missing."),
        json(
            "\"survive\": [\"region\"]",
            "\"survive\": [\"powerdomain\"]",
            "/policy/survive/0",
            "The survive[0] (powerdomain) of policy must be one of region, provider, powerDomain.",
            "Maybe powerDomain is meant."),
        json(
            "\"survive\": [\"region\"]",
            "\"survive\": [\"galaxy\"]",
            "/policy/survive/0",
            "The survive[0] (galaxy) of policy must be one of region, provider, powerDomain.",
            "Maybe it comes from another version of this format."),
        json(
            "\"combineBytes\": 14336",
            "\"combineBytes\": 14336, \"copies\": \"perexpert\"",
            "/model/copies",
            "The copies (perexpert) of model (Tiny-MoE) must be one of perExpert, perSite.",
            "Maybe perExpert is meant."),
        json(
            "\"neededBy\": \"2027-01-15\"",
            "\"neededBy\": \"15.1.2027\"",
            "/policy/neededBy",
            "The neededBy (15.1.2027) of policy must be a day such as 2026-12-01.",
            "Maybe the order is not year-month-day"),
        json(
            "\"neededBy\": \"2027-01-15\"",
            "\"neededBy\": \"2027-02-30\"",
            "/policy/neededBy",
            "The neededBy (2027-02-30) of policy must be a day",
            "or the month has no such day."),
        json(
            "\"neededBy\": \"2027-01-15\"",
            "\"neededBy\": 20270115",
            "/policy/neededBy",
            "The neededBy (20270115) of policy must be a day such as \"2026-12-01\".",
            "Maybe put it in quotes."),
        json(
            "\"fabric\": { \"infiniband\": 0.85, \"roce\": 0.75 }",
            "\"fabric\": [0.85]",
            "/usable/fabric",
            "The fabric ([…]) of usable must be an object.",
            "Maybe a pair of braces is missing."),
        json(
            "\"countries\": [\"US\"]",
            "\"countries\": [null]",
            "/origins/0/servableIn/countries/0",
            "The countries[0] (null) of servableIn must be a text.",
            "an explicit null is not accepted."),
        json(
            "\"providers\": [\"azure\"]",
            "\"providers\": [[\"azure\"]]",
            "/policy/pins/0/providers/0",
            "The providers[0] ([…]) of pins[0] must be a text.",
            "Maybe put it in quotes."));
  }

  private static List<Fault> fields() {
    return List.of(
        json(
            "\"moesaic/problem/1\"",
            "\"moesaic/problem/2\"",
            "/format",
            "The format (moesaic/problem/2) of problem (a small model over two clouds) must be"
                + " moesaic/problem/1.",
            "Maybe the file is for another version of Moesaic."),
        json(
            "\"moesaic/problem/1\"",
            "\"moesaic/plan/1\"",
            "/format",
            "The format (moesaic/plan/1) of problem (a small model over two clouds) must be"
                + " moesaic/problem/1.",
            "Maybe this is another kind of file."),
        json(
            "\"format\": \"moesaic/problem/1\",",
            "",
            "/format",
            "The field format of problem (a small model over two clouds) is missing.",
            "Maybe add \"format\": \"moesaic/problem/1\"."),
        json(
            "\"topK\": 2,",
            "",
            "/model/topK",
            "The field topK of model (Tiny-MoE) is missing.",
            "Maybe add it: experts that a token chooses"),
        json(
            "\"topK\": 2",
            "\"topk\": 2, \"topK\": 2",
            "/model/topk",
            "The field topk of model (Tiny-MoE) is not known.",
            "Maybe topK is meant."),
        json(
            "\"topK\": 2",
            "\"topK\": 2, \"colour\": {\"deep\": [1, 2, {\"er\": null}]}",
            "/model/colour",
            "The field colour of model (Tiny-MoE) is not known.",
            "Maybe one of these is meant: name, moeLayers,"),
        json(
            "\"topK\": 2",
            "\"topK\": 2, \"a/b~c\": 1",
            "/model/a~1b~0c",
            "The field a/b~c of model (Tiny-MoE) is not known.",
            "Maybe one of these is meant"),
        json(
            "\"topK\": 2",
            "\"topK\": 2, \"topK\": 1",
            "/model/topK",
            "The field topK of model (Tiny-MoE) is there twice.",
            "Maybe remove one of the two."),
        json(
            "\"roce\": 0.75",
            "\"roce\": 0.75, \"roce\": 0.7",
            "/usable/fabric/roce",
            "The field roce of usable is there twice.",
            "Maybe remove one of the two."),
        json(
            "\"objective\": {",
            "\"sha256\": \"00\", \"objective\": {",
            "/sha256",
            "The field sha256 of problem (a small model over two clouds) is not known.",
            "Maybe one of these is meant"),
        json(
            "\"usdPerNodeHour\": 112",
            "\"usdPerHour\": 112",
            "/offers/1/usdPerHour|/offers/1/usdPerNodeHour",
            "The field usdPerHour of offer (oci-us-east-b200) is not known.",
            "Maybe one of these is meant: id, provider,"),
        json(
            "\"origin\": \"us-chat\", \"file\"",
            "\"origin\": \"us-chat\", \"weights\": [[1, 1, 1, 1], [1, 1, 1, 1]], \"file\"",
            "/routing/loads/0/file",
            "The field file of loads[0] is one too many: only one of file and weights may be"
                + " there.",
            "Maybe remove one of them."),
        json(
            "{ \"origin\": \"us-chat\", \"file\": \"loads/us-chat.csv\" }",
            "{ \"origin\": \"us-chat\" }",
            "/routing/loads/0/file",
            "The field file of loads[0] is missing: one of file and weights has to be there.",
            "Maybe add one of them."));
  }

  private static List<Fault> ranges() {
    return List.of(
        json(
            "\"moeLayers\": 2",
            "\"moeLayers\": 0",
            "/model/moeLayers",
            "The moeLayers (0) of model (Tiny-MoE) must be between 1 and 4096.",
            "Maybe it has not been filled in yet."),
        json(
            "\"moeLayers\": 2",
            "\"moeLayers\": 2000000000",
            "/model/moeLayers",
            "The moeLayers (2000000000) of model (Tiny-MoE) must be between 1 and 4096.",
            "Maybe it is in another unit, or has a digit too many."),
        json(
            "\"moeLayers\": 2",
            "\"moeLayers\": 99999999999999999999",
            "/model/moeLayers",
            "The moeLayers (99999999999999999999) of model (Tiny-MoE) must be between 1 and 4096.",
            "Maybe"),
        json(
            "\"maxNodes\": 200",
            "\"maxNodes\": -3",
            "/offers/0/maxNodes",
            "The maxNodes (-3) of offer (azure-us-east-h100) must be at least 0.",
            "Maybe the minus sign is a slip."),
        json(
            "\"maxNodes\": 200",
            "\"maxNodes\": 2147483648",
            "/offers/0/maxNodes",
            "The maxNodes (2147483648) of offer (azure-us-east-h100) must be at most 2147483647.",
            "Maybe"),
        json(
            "\"expertBytes\": 44040192",
            "\"expertBytes\": 9223372036854775808",
            "/model/expertBytes",
            "The expertBytes (9223372036854775808) of model (Tiny-MoE) must be at most"
                + " 9007199254740992.",
            "Maybe"),
        json(
            "\"expertBytes\": 44040192",
            "\"expertBytes\": 1e400",
            "/model/expertBytes",
            "The expertBytes (1e400) of model (Tiny-MoE) must be at most",
            "Maybe"),
        json(
            "\"tokensPerSecond\": 90000",
            "\"tokensPerSecond\": 1e999",
            "/origins/1/tokensPerSecond",
            "The tokensPerSecond (1e999) of origin (eu-chat) must be a number that a 64-bit float"
                + " can hold.",
            "Maybe leave the field out if there is no limit."),
        json(
            "\"tokensPerSecond\": 90000",
            "\"tokensPerSecond\": 1e300",
            "/origins/1/tokensPerSecond",
            "The tokensPerSecond (1e300) of origin (eu-chat) must be at most 1e30.",
            "Maybe it is in another unit, or has a digit too many."),
        json(
            "\"tokensPerSecond\": 90000",
            "\"tokensPerSecond\": -1",
            "/origins/1/tokensPerSecond",
            "The tokensPerSecond (-1) of origin (eu-chat) must be at least 0.",
            "Maybe the minus sign is a slip."),
        json(
            "\"latitude\": 39.0",
            "\"latitude\": 390",
            "/regions/0/latitude",
            "The latitude (390) of region (us-east) must be between -90 and 90.",
            "Maybe"),
        json(
            "\"longitude\": -6.3",
            "\"longitude\": -181",
            "/regions/1/longitude",
            "The longitude (-181) of region (eu-west) must be between -180 and 180.",
            "Maybe"),
        json(
            "\"memory\": 0.8",
            "\"memory\": 80",
            "/usable/memory",
            "The memory (80) of usable must be greater than 0 and at most 1.",
            "Maybe it is meant in percent; write 0.8."),
        json(
            "\"infiniband\": 0.85",
            "\"infiniband\": 0",
            "/usable/fabric/infiniband",
            "The infiniband (0) of usable must be greater than 0 and at most 1.",
            "Maybe it has not been filled in yet."),
        json(
            "\"maxProviderShare\": 0.8",
            "\"maxProviderShare\": 1.2",
            "/policy/maxProviderShare",
            "The maxProviderShare (1.2) of policy must be between 0 and 1.",
            "Maybe"),
        json(
            "\"minReplicas\": 1",
            "\"minReplicas\": 0",
            "/policy/minReplicas",
            "The minReplicas (0) of policy must be at least 1.",
            "Maybe it has not been filled in yet."),
        json(
            "\"intraContinent\": 0.02",
            "\"intraContinent\": -0.02",
            "/providers/0/egressUsdPerGb/intraContinent",
            "The intraContinent (-0.02) of egressUsdPerGb must be at least 0.",
            "Maybe the minus sign is a slip."),
        json(
            "\"memoryGibPerNode\": 1440",
            "\"memoryGibPerNode\": 0",
            "/offers/1/memoryGibPerNode",
            "The memoryGibPerNode (0) of offer (oci-us-east-b200) must be at least 1e-12.",
            "Maybe it has not been filled in yet."),
        json(
            "\"bandwidthUsdPerGb\": 0.001",
            "\"bandwidthUsdPerGb\": -1",
            "/objective/bandwidthUsdPerGb",
            "The bandwidthUsdPerGb (-1) of objective must be at least 0.",
            "Maybe the minus sign is a slip."),
        json(
            "\"rttMs\": 1.9",
            "\"rttMs\": -1.9",
            "/links/0/rttMs",
            "The rttMs (-1.9) of links[0] must be at least 0.",
            "Maybe the minus sign is a slip."),
        json(
            "\"tokensPerSecond\": 90000",
            "\"tokensPerSecond\": 90000, \"streams\": 0",
            "/origins/1/streams",
            "The streams (0) of origin (eu-chat) must be between 1 and 1048576.",
            "Maybe it has not been filled in yet."),
        json(
            "\"tokensPerSecond\": 90000",
            "\"tokensPerSecond\": 90000, \"accessBytes\": -8",
            "/origins/1/accessBytes",
            "The accessBytes (-8) of origin (eu-chat) must be at least 0.",
            "Maybe the minus sign is a slip."),
        json(
            "\"tokensPerSecond\": 90000",
            "\"tokensPerSecond\": 90000, \"maxAccessMs\": -1",
            "/origins/1/maxAccessMs",
            "The maxAccessMs (-1) of origin (eu-chat) must be at least 0.",
            "Maybe the minus sign is a slip."),
        json(
            "\"maxAddedLatencyMs\": 200",
            "\"maxAddedLatencyMs\": 200, \"maxAccessMs\": -1",
            "/policy/maxAccessMs",
            "The maxAccessMs (-1) of policy must be at least 0.",
            "Maybe the minus sign is a slip."),
        json(
            COMBINE,
            backbone(1, -1),
            "/model/backbone/gradientBytes",
            "The gradientBytes (-1) of backbone must be at least 0.",
            "Maybe the minus sign is a slip."),
        json(
            COMBINE,
            COMBINE
                + ", \"sync\": {\"expertBytes\": 1, \"backboneBytesPerLayer\": 0,"
                + " \"syncsPerHour\": 1, \"window\": 0}",
            "/model/sync/window",
            "The window (0) of sync must be greater than 0 and at most 1.",
            "Maybe it has not been filled in yet."),
        json(
            "\"combineBytes\": 14336",
            "\"combineBytes\": 14336, \"expertsPerShard\": 0",
            "/model/expertsPerShard",
            "The expertsPerShard (0) of model (Tiny-MoE) must be at least 1.",
            "Maybe"),
        json(
            "\"bandwidthUsdPerGb\": 0.001 }",
            "\"bandwidthUsdPerGb\": 0 }, \"incumbent\": {\"plan\": \"loads/us-chat.csv\","
                + " \"horizonHours\": 0}",
            "/incumbent/horizonHours",
            "The horizonHours (0) of incumbent must be greater than 0.",
            "Maybe"));
  }

  private static List<Fault> names() {
    return List.of(
        json(
            "\"id\": \"eu-west\"",
            "\"id\": \"eu/west\"",
            "/regions/1/id|/origins/1/region|/offers/2/region",
            "The id (eu/west) of region (eu/west) must be a name without slashes",
            "Maybe a character slipped in."),
        json(
            "\"id\": \"eu-west\"",
            "\"id\": \" \"",
            "/regions/1/id",
            "The id ( ) of regions[1] must be a name without slashes",
            "Maybe it has not been filled in yet."),
        json(
            "\"id\": \"oci-us-east-b200\"",
            "\"id\": \"oci-us-east-b200 \"",
            "/offers/1/id|/policy/bans/0/offers/0",
            "must be a name that neither begins nor ends with a blank.",
            "Maybe a character slipped in."),
        json(
            "{ \"id\": \"eu-west\"",
            "{ \"id\": \"us-east\" }, { \"id\": \"eu-west\"",
            "/regions/1/id",
            "The id (us-east) of region (1) must be unique, but region (0) has it too.",
            "Maybe an entry was copied"),
        json(
            "{ \"id\": \"oci\"",
            "{ \"id\": \"oci\" }, { \"id\": \"oci\"",
            "/providers/2/id",
            "The id (oci) of provider (2) must be unique, but provider (1) has it too.",
            "Maybe an entry was copied"),
        json(
            "{ \"id\": \"eu-chat\"",
            "{ \"id\": \"us-chat\", \"provider\": \"oci\", \"region\": \"us-east\","
                + " \"tokensPerSecond\": 1 }, { \"id\": \"eu-chat\"",
            "/origins/1/id",
            "The id (us-chat) of origin (1) must be unique",
            "Maybe an entry was copied"),
        json(
            "\"id\": \"azure-eu-west-h100\"",
            "\"id\": \"azure-us-east-h100\"",
            "/offers/2/id",
            "The id (azure-us-east-h100) of offer (2) must be unique, but offer (0) has it too.",
            "Maybe an entry was copied"),
        json(
            "\"id\": \"oci-us-east-b200\", \"provider\": \"oci\"",
            "\"id\": \"oci-us-east-b200\", \"provider\": \"ocl\"",
            "/offers/1/provider",
            "The provider (ocl) of offer (oci-us-east-b200) must be the id of one of the"
                + " providers.",
            "Maybe oci is meant."),
        json(
            "\"id\": \"oci-us-east-b200\", \"provider\": \"oci\", \"region\": \"us-east\"",
            "\"id\": \"oci-us-east-b200\", \"provider\": \"oci\", \"region\": \"mars\"",
            "/offers/1/region",
            "The region (mars) of offer (oci-us-east-b200) must be the id of one of the regions.",
            "Maybe its entry is missing from the list of regions."),
        json(
            "\"id\": \"eu-chat\", \"provider\": \"azure\", \"region\": \"eu-west\"",
            "\"id\": \"eu-chat\", \"provider\": \"azur\", \"region\": \"eu-west\"",
            "/origins/1/provider",
            "The provider (azur) of origin (eu-chat) must be the id of one of the providers.",
            "Maybe azure is meant."),
        json(
            "\"from\": \"azure/us-east\"",
            "\"from\": \"azure/us-eats\"",
            "/links/0/from",
            "The region (us-eats) of site (azure/us-eats) must be the id of one of the regions.",
            "Maybe us-east is meant."),
        json(
            "\"from\": \"azure/us-east\"",
            "\"from\": \"us-east\"",
            "/links/0/from",
            "The site (us-east) of a link must have the form provider/region.",
            "Maybe the provider is missing."),
        json(
            "\"to\": \"oci/us-east\"",
            "\"to\": \"azure/us-east\"",
            "/links/0/to",
            "The link from azure/us-east must lead to another site.",
            "Maybe remove it"),
        json(
            "\"gbps\": 400 }",
            "\"gbps\": 400 }, { \"from\": \"oci/us-east\", \"to\": \"azure/us-east\", \"rttMs\": 2"
                + " }",
            "/links/1",
            "The way from oci/us-east to azure/us-east must have one link, but links (0) and (1)"
                + " both describe it.",
            "Maybe one of them is bidirectional"),
        json(
            "\"offers\": [\"oci-us-east-b200\"]",
            "\"offers\": [\"oci-us-east-b20\"]",
            "/policy/bans/0/offers/0",
            "The offer (oci-us-east-b20) of ban (0) must be the id of one of the offers.",
            "Maybe oci-us-east-b200 is meant."),
        json(
            "\"providers\": [\"azure\"]",
            "\"providers\": [\"azures\"]",
            "/policy/pins/0/providers/0",
            "The provider (azures) of pin (0) must be the id of one of the providers.",
            "Maybe azure is meant."),
        json(
            ", \"providers\": [\"azure\"]",
            "",
            "/policy/pins/0",
            "The pin (0) must name an offer, a region or a provider.",
            "Maybe remove it"),
        json(
            "\"layer\": 1",
            "\"layer\": 2",
            "/policy/pins/0/layer",
            "The layer (2) of pin (0) must be less than 2.",
            "Maybe it counts from 1 instead of 0."),
        json(
            "\"expert\": 3",
            "\"expert\": 30",
            "/policy/pins/0/expert",
            "The expert (30) of pin (0) must be less than 4.",
            "Maybe it is of another model."),
        json(
            "{ \"countries\": [\"US\"] }",
            "{ \"regions\": [\"us-eest\"] }",
            "/origins/0/servableIn/regions/0",
            "The region (us-eest) of origin (us-chat) must be the id of one of the regions.",
            "Maybe us-east is meant."),
        json(
            "{ \"countries\": [\"US\"] }",
            "{}",
            "/origins/0/servableIn",
            "The servableIn of origin (us-chat) must name a place.",
            "Maybe the name of its list is mistyped: regions, countries or continents."),
        json(
            "\"origin\": \"us-chat\", \"file\"",
            "\"origin\": \"us-chat2\", \"file\"",
            "/routing/loads/0/origin",
            "The origin (us-chat2) of load (0) must be the id of one of the origins.",
            "Maybe us-chat is meant."),
        json(
            "\"loads\": [",
            "\"samples\": [" + sample("eu-chad") + "], \"loads\": [",
            "/routing/samples/0/origin",
            "The origin (eu-chad) of sample (0) must be the id of one of the origins.",
            "Maybe eu-chat is meant."),
        json(
            "\"loads\": [",
            "\"samples\": [" + sample("eu-chat") + ", " + sample("eu-chat") + "], \"loads\": [",
            "/routing/samples/1/origin",
            "The origin (eu-chat) must have one sample, but samples (0) and (1) are both its own.",
            "Maybe join the two recordings."));
  }

  private static String sample(String origin) {
    return "{ \"origin\": \"%s\", \"file\": \"%s\", \"tokens\": 1 }"
        .formatted(origin, GoodProblem.SAMPLE_NAME);
  }

  private static List<Fault> rules() {
    return List.of(
        json(
            "\"topK\": 2",
            "\"topK\": 5",
            "/model/topK",
            "The topK (5) of the model must be at most its expertsPerLayer (4).",
            "Maybe the two are swapped."),
        json(
            "\"moeLayers\": 2, \"expertsPerLayer\": 4",
            "\"moeLayers\": 4096, \"expertsPerLayer\": 65536",
            "/model/moeLayers",
            "The model has 268435456 experts in all; more than 4194304 are not supported.",
            "Maybe a digit too many slipped in."),
        json(
            ", \"longitude\": -6.3",
            "",
            "/regions/1/longitude",
            "The longitude of region (eu-west) is missing; a place has both coordinates.",
            "Maybe add it, or remove the other."),
        json(
            "\"minNodes\": 4",
            "\"minNodes\": 201",
            "/offers/0/minNodes",
            "The minNodes (201) of offer (azure-us-east-h100) must be at most its maxNodes (200).",
            "Maybe the two are swapped"),
        json(
            "\"minReplicas\": 1",
            "\"minReplicas\": 4",
            "/policy/minReplicas",
            "The minReplicas (4) of the policy must be at most its maxReplicas (3).",
            "Maybe the two are swapped."),
        json(
            "\"maxReplicas\": 3",
            "\"maxReplicas\": 1",
            "/policy/maxReplicas",
            "The maxReplicas (1) of the policy must be at least 2 to survive the loss of a domain.",
            "Maybe raise it, or remove survive."));
  }

  private static List<Fault> weights() {
    return List.of(
        json(
            "[1, 1, 1, 1.5]",
            "[1, 1, 1.5]",
            "/routing/loads/1/weights/1",
            "The row (1) of the weights has 3 numbers, but most rows have 4.",
            "Maybe an expert was left out."),
        json(
            "[[4, 3, 2, 1], [1, 1, 1, 1.5]]",
            "[[4, 3, 2, 1]]",
            "/routing/loads/1/weights",
            "The weights (1 rows of 4) must be one row per layer (2) with one number per expert"
                + " (4).",
            "Maybe they are of another model."),
        json(
            "[[4, 3, 2, 1], [1, 1, 1, 1.5]]",
            "[[4, 3], [2, 1], [1, 1], [1, 1.5]]",
            "/routing/loads/1/weights",
            "The weights (4 rows of 2) must be",
            "Maybe rows and columns are swapped."),
        json(
            "[[4, 3, 2, 1], [1, 1, 1, 1.5]]",
            "[[4, 3, 2], [1, 1, 1]]",
            "/routing/loads/1/weights",
            "The weights (2 rows of 3) must be",
            "Maybe they are of another model."),
        json(
            "[[4, 3, 2, 1], [1, 1, 1, 1.5]]",
            "[4, 3, 2, 1]",
            "/routing/loads/1/weights/0|/routing/loads/1/weights/1|/routing/loads/1/weights/2|/routing/loads/1/weights/3",
            "The weights[0] (4) of loads[1] must be a list of numbers.",
            "Maybe rows and columns are swapped"),
        json(
            "[[4, 3, 2, 1], [1, 1, 1, 1.5]]",
            "\"loads/us-chat.csv\"",
            "/routing/loads/1/weights",
            "The weights (\"loads/us-chat.csv\") of loads[1] must be a list of rows, each a list of"
                + " numbers.",
            "Maybe a CSV file is meant"),
        json(
            "[4, 3, 2, 1]",
            "[4, -3, 2, 1]",
            "/routing/loads/1/weights/0/1",
            "The weights[0][1] (-3) of loads[1] must be at least 0.",
            "Maybe the minus sign is a slip."),
        json(
            "[4, 3, 2, 1]",
            "[4, \"3\", 2, 1]",
            "/routing/loads/1/weights/0/1",
            "The weights[0][1] (\"3\") of loads[1] must be a number.",
            "Maybe remove the quotes."),
        json(
            "{ \"weights\":",
            "{ \"origin\": \"us-chat\", \"weights\":",
            "/routing/loads/1",
            "The origin (us-chat) must have one load, but loads (0) and (1) are both its own.",
            "Maybe name the origin of one of them."),
        json(
            "{ \"weights\":",
            "{ \"weights\": [[1, 1, 1, 1], [1, 1, 1, 1]] }, { \"weights\":",
            "/routing/loads/2",
            "Every origin must have one load, but loads (1) and (2) are both its own.",
            "Maybe name the origin of one of them."));
  }

  private static List<Fault> files() {
    return List.of(
        json(
            "loads/us-chat.csv",
            "loads/us-chat.cvs",
            "/routing/loads/0/file",
            "The file (loads/us-chat.cvs) must exist.",
            "Maybe its path is mistyped; it is relative to the problem file."),
        json(
            "loads/us-chat.csv",
            "../us-chat.csv",
            "/routing/loads/0/file",
            "The file (../us-chat.csv) must lie in the problem file's folder or below.",
            "Maybe copy it next to the problem file"),
        json(
            "loads/us-chat.csv",
            "loads/../../x/us-chat.csv",
            "/routing/loads/0/file",
            "must lie in the problem file's folder or below.",
            "Maybe copy it"),
        json(
            "loads/us-chat.csv",
            "/etc/passwd",
            "/routing/loads/0/file",
            "The file (/etc/passwd) must lie in the problem file's folder or below.",
            "Maybe copy it"),
        json(
            "loads/us-chat.csv",
            "loads",
            "/routing/loads/0/file",
            "The file (loads) must be a regular file.",
            "Maybe its path is mistyped"),
        json(
            "loads/us-chat.csv",
            "",
            "/routing/loads/0/file",
            "The file name must not be blank.",
            "Maybe it has not been filled in yet."),
        json(
            "loads/us-chat.csv",
            "loads\\u0000",
            "/routing/loads/0/file",
            "The file name must be a path.",
            "Maybe a character slipped in."),
        json(
            "\"loads\": [",
            "\"samples\": [{ \"origin\": \"us-chat\", \"file\": \"a.gz\", \"tokens\": 9 }],"
                + " \"loads\": [",
            "/routing/samples/0/file",
            "The file (a.gz) must exist.",
            "Maybe its path is mistyped"),
        json(
            "\"loads\": [",
            "\"samples\": [{ \"origin\": \"us-chat\", \"file\": \"loads/us-chat.csv\", \"tokens\":"
                + " 0 }], \"loads\": [",
            "/routing/samples/0/tokens",
            "The tokens (0) of samples[0] must be at least 1.",
            "Maybe"),
        json(
            "\"bandwidthUsdPerGb\": 0.001 }",
            "\"bandwidthUsdPerGb\": 0 }, \"incumbent\": {\"plan\": \"last.plan.json\","
                + " \"horizonHours\": 9}",
            "/incumbent/plan",
            "The file (last.plan.json) must exist.",
            "Maybe its path is mistyped"));
  }

  private static List<Fault> feasible() {
    return List.of(
        json(
            ", \"otherProvider\": 0.0085",
            "",
            "/providers/1/egressUsdPerGb/otherProvider",
            "but calls of origin (eu-chat) can send traffic from oci/us-east to azure/eu-west.",
            "Maybe add it, or a link between the two with a usdPerGb."),
        json(
                "\"combineBytes\": 14336",
                "\"combineBytes\": 14336, \"sync\": {\"expertBytes\": 1, \"backboneBytesPerLayer\":"
                    + " 0, \"syncsPerHour\": 1}",
                "/providers/0/egressUsdPerGb/interContinent",
                "but the synchronisation of replicas can send traffic from azure/us-east to"
                    + " azure/eu-west.",
                "Maybe add it, or a link between the two with a usdPerGb.")
            .given(", \"interContinent\": 0.05", "")
            .given("\"tokensPerSecond\": 90000", "\"tokensPerSecond\": 0"),
        json(
                "\"combineBytes\": 14336",
                "\"combineBytes\": 14336, \"backbone\": {\"bytesPerLayer\": 1,"
                    + " \"flopsPerTokenPerLayer\": 0, \"activationBytes\": 1}",
                "/providers/1/egressUsdPerGb/otherProvider",
                "but calls of origin (eu-chat) can send traffic from oci/us-east to azure/eu-west.",
                "Maybe add it")
            .given("\"dispatchBytes\": 7168, ", "\"dispatchBytes\": 0, ")
            .given(", \"otherProvider\": 0.0085", ""),
        json(
            "\"neededBy\": \"2027-01-15\"",
            "\"neededBy\": \"2027-01-15\", \"bans\": [ { \"layer\": 0, \"providers\": [\"azure\","
                + " \"oci\"] } ], \"x\": 1",
            "/policy/bans|/policy/x",
            "The field bans of policy is there twice.",
            "Maybe remove one of the two."),
        json(
            "\"offers\": [\"oci-us-east-b200\"]",
            "\"regions\": [\"us-east\", \"eu-west\"]",
            "/policy/bans/0",
            "The pins and bans must leave an offer for expert (0) of layer (0).",
            "Maybe another pin or ban already excludes what this one leaves."),
        json(
            "\"layer\": 0, \"expert\": 0, \"offers\": [\"oci-us-east-b200\"]",
            "\"offers\": [\"azure-eu-west-h100\"]",
            "/policy/survive",
            "The offers that may hold expert (0) of layer (0) must lie in more than one region.",
            "Maybe add offers elsewhere, or pin and ban less."),
        json(
            "\"minReplicas\": 1",
            "\"minReplicas\": 3",
            "/policy/minReplicas",
            "The minReplicas (3) of the policy must be at most the offers (2) that may hold expert"
                + " (0) of layer (0).",
            "Maybe add offers, or pin and ban less."),
        json(
            "{ \"countries\": [\"US\"] }",
            "{ \"countries\": [\"FR\"] }",
            "/origins/0/servableIn",
            "The servableIn of origin (us-chat) must allow an offer that is available.",
            "Maybe a region lacks its country or continent"),
        json(
                "\"layer\": 1, \"expert\": 3, \"providers\": [\"azure\"]",
                "\"layer\": 1, \"expert\": 2, \"regions\": [\"eu-west\"]",
                "/origins/0/servableIn",
                "The servableIn of origin (us-chat) must allow an offer that may hold expert (2) of"
                    + " layer (1).",
                "Maybe a pin or ban keeps that shard away from where the origin may be served.")
            .given("\"survive\": [\"region\"], ", ""),
        json(
                "\"neededBy\": \"2027-01-15\"",
                "\"neededBy\": \"2026-01-15\"",
                "/policy/survive|/policy/bans/0",
                "must lie in more than one region.",
                "Maybe add offers elsewhere")
            .given(
                "\"id\": \"azure-eu-west-h100\"",
                "\"id\": \"azure-eu-west-h100\", \"availableFrom\": \"2026-02-01\""),
        json(
                "\"minNodes\": 4, \"maxNodes\": 200",
                "\"minNodes\": 4, \"maxNodes\": 0",
                "/offers",
                "At least one offer must be available by the day it is needed",
                "Maybe move neededBy, or add offers.")
            .given("\"usdPerNodeHour\": 112", "\"usdPerNodeHour\": 112, \"maxNodes\": 0")
            .given("\"usdPerNodeHour\": 103", "\"usdPerNodeHour\": 103, \"maxNodes\": 0"),
        json(
                "\"survive\": [\"region\"]",
                "\"survive\": [\"powerDomain\"]",
                "/policy/survive",
                "must lie in more than one power domain.",
                "Maybe add offers elsewhere")
            .given("\"country\": \"IE\"", "\"country\": \"IE\", \"powerDomain\": \"pjm\""),
        json(
            ", \"otherProvider\": 0.087",
            "",
            "/providers/0/egressUsdPerGb/otherProvider",
            "The rate otherProvider of provider (azure) is missing, but calls of origin (eu-chat)"
                + " can send traffic from azure/eu-west to oci/us-east.",
            "Maybe add it, or a link between the two with a usdPerGb."),
        json(
            "\"id\": \"us-east\", \"continent\": \"north-america\"",
            "\"id\": \"us-east\"",
            "/regions/0/continent",
            "The continent of region (us-east) is missing, but decides the price of traffic from"
                + " azure/eu-west to azure/us-east, which calls of origin (eu-chat) can send.",
            "Maybe add it, or a link"),
        json(
            ", \"latitude\": 53.3, \"longitude\": -6.3",
            "",
            "/regions/1/latitude",
            "The latitude of region (eu-west) is missing, but the latency limit of origin (eu-chat)"
                + " needs the round trip between azure/eu-west and azure/us-east.",
            "Maybe add latitude and longitude, or a link"));
  }

  private static final String COMBINE = "\"combineBytes\": 14336";

  private static String backbone(int activationBytes, int gradientBytes) {
    return COMBINE
        + ", \"backbone\": {\"bytesPerLayer\": 1, \"flopsPerTokenPerLayer\": 0,"
        + " \"activationBytes\": %d, \"gradientBytes\": %d}"
            .formatted(activationBytes, gradientBytes);
  }

  /** Faults that show only where the dense part is placed. */
  private static List<Fault> placed() {
    String silent = "\"dispatchBytes\": 0, ";
    return List.of(
        json(
                COMBINE,
                backbone(0, 0),
                "/origins/0/servableIn",
                "The servableIn of origin (us-chat) must allow an offer that may host layer (1).",
                "Maybe a pin or ban without an expert keeps that layer away")
            .given(
                "\"layer\": 1, \"expert\": 3, \"providers\": [\"azure\"]",
                "\"layer\": 1, \"regions\": [\"eu-west\"]")
            .given("\"survive\": [\"region\"], ", ""),
        json(
                COMBINE,
                backbone(1, 0).replace("14336", "0"),
                "/providers/1/egressUsdPerGb/otherProvider",
                "but steps from layer to layer of origin (eu-chat) can send traffic from"
                    + " oci/us-east to azure/eu-west.",
                "Maybe add it, or a link between the two with a usdPerGb.")
            .given("\"dispatchBytes\": 7168, ", silent)
            .given(", \"otherProvider\": 0.0085", ""),
        json(
                COMBINE,
                backbone(0, 1).replace("14336", "0"),
                "/providers/1/egressUsdPerGb/otherProvider",
                "but steps from layer to layer of origin (eu-chat) can send traffic from"
                    + " oci/us-east to azure/eu-west.",
                "Maybe add it, or a link between the two with a usdPerGb.")
            .given("\"dispatchBytes\": 7168, ", silent)
            .given(", \"otherProvider\": 0.0085", ""),
        json(
                COMBINE,
                backbone(0, 0).replace("14336", "0"),
                "/providers/1/egressUsdPerGb/otherProvider",
                "but access of origin (eu-chat) can send traffic from oci/us-east to"
                    + " azure/eu-west.",
                "Maybe add it, or a link between the two with a usdPerGb.")
            .given("\"dispatchBytes\": 7168, ", silent)
            .given("\"tokensPerSecond\": 90000", "\"tokensPerSecond\": 90000, \"accessBytes\": 8")
            .given(", \"otherProvider\": 0.0085", ""),
        json(
                COMBINE,
                backbone(0, 0),
                "/regions/1/latitude",
                "but the access limit of origin (eu-chat) needs the round trip between"
                    + " azure/eu-west and azure/us-east.",
                "Maybe add latitude and longitude, or a link between the two with an rttMs.")
            .given("\n    \"maxAddedLatencyMs\": 200,", "")
            .given("\"tokensPerSecond\": 90000", "\"tokensPerSecond\": 90000, \"maxAccessMs\": 99")
            .given(", \"latitude\": 53.3, \"longitude\": -6.3", ""),
        // Where the dense part is placed, calls go out from wherever it may be.
        json(
                COMBINE,
                backbone(0, 0),
                "/regions/1/latitude",
                "but the latency limit of origin (eu-chat) needs the round trip between"
                    + " azure/us-east and azure/eu-west.",
                "Maybe add latitude and longitude, or a link between the two with an rttMs.")
            .given(", \"latitude\": 53.3, \"longitude\": -6.3", ""),
        // With sync, between all sites of offers, even if each shard has one replica.
        json(
                COMBINE,
                COMBINE
                    + ", \"sync\": {\"expertBytes\": 1, \"backboneBytesPerLayer\": 0,"
                    + " \"syncsPerHour\": 1, \"window\": 0.5}",
                "/providers/0/egressUsdPerGb/interContinent",
                "but the synchronisation of replicas can send traffic from azure/us-east to"
                    + " azure/eu-west.",
                "Maybe add it, or a link between the two with a usdPerGb.")
            .given(", \"interContinent\": 0.05", "")
            .given("\"maxReplicas\": 3, \"survive\": [\"region\"]", "\"maxReplicas\": 1")
            .given("\"tokensPerSecond\": 90000", "\"tokensPerSecond\": 0"));
  }

  private static List<Fault> syntax() {
    return List.of(
        json(
            "\"topK\": 2,",
            "\"topK\": 2",
            "6:5",
            "The file must be JSON: ",
            "Maybe a comma, quote or bracket"),
        json("\"topK\": 2", "\"topK\": NaN", "5:74", "The file must be JSON: ", "Maybe"),
        json("\"topK\": 2", "\"topK\": Infinity", "5:79", "The file must be JSON: ", "Maybe"),
        json("\"topK\": 2", "\"topK\": 02", "5:72", "The file must be JSON: ", "Maybe"),
        json("\"topK\": 2", "\"topK\": +2", "5:72", "The file must be JSON: ", "Maybe"),
        json("\"topK\": 2", "\"topK\": 2 // two", "5:73", "The file must be JSON: ", "Maybe"),
        json(
            "\"name\": \"Tiny-MoE\"",
            "\"name\": \"Tiny\nMoE\"",
            "5:18",
            "The file must be JSON: ",
            "Maybe"),
        json(
            "\"name\": \"Tiny-MoE\"",
            "\"name\": 'Tiny-MoE'",
            "5:13",
            "The file must be JSON: ",
            "Maybe"),
        json(
            "\"objective\": { \"bandwidthUsdPerGb\": 0.001 }",
            "\"objective\": {},",
            "50:1",
            "The file must be JSON: ",
            "Maybe a comma"),
        json("\"format\"", "{} \"format\"", "2:3", "The file must be JSON: ", "Maybe"),
        json(
            "0.001 }\n}",
            "0.001 }\n} {}",
            "50:3",
            "The document must end after its closing brace.",
            "Maybe two files"),
        json(
            "0.001 }\n}",
            "0.001 }\n",
            "51:1",
            "The file must be JSON: Unexpected end-of-input",
            "Maybe the file was cut off."));
  }

  private static List<Fault> csvs() {
    return List.of(
        csv(
            "layer,expert,weight",
            "layer;expert;weight",
            ":1",
            "The header (layer;expert;weight) must be",
            "Maybe"),
        csv(
            "layer,expert,weight\n",
            "",
            ":1",
            "The header (0,0,12) must be layer,expert,weight",
            "Maybe the first line"),
        csv("layer,expert,weight", "layer,expert,weight,weight", ":1", "The header", "Maybe"),
        csv("layer,expert,weight", "layer,expert,weight,colour", ":1", "The header", "Maybe"),
        csv(
            "0,0,12",
            "2,0,12",
            ":2",
            "The layer (2) must be a whole number from 0 to 1.",
            "Maybe it counts from 1"),
        csv(
            "0,0,12",
            "0,-1,12",
            ":2",
            "The expert (-1) must be a whole number from 0 to 3.",
            "Maybe the file is of another model."),
        csv(
            "0,0,12",
            "0,99999999999999999999,12",
            ":2",
            "The expert (99999999999999999999) must be",
            "Maybe"),
        csv(
            "0,0,12",
            "0.0,0,12",
            ":2",
            "The layer (0.0) must be a whole number from 0 to 1.",
            "Maybe"),
        csv(
            "0,1,3.5",
            "0,1,-3.5",
            ":3",
            "The weight (-3.5) must be a number from 0 to 1e30.",
            "Maybe leave the row out"),
        csv("0,1,3.5", "0,1,NaN", ":3", "The weight (NaN) must be", "Maybe"),
        csv("0,1,3.5", "0,1,1e999", ":3", "The weight (1e999) must be", "Maybe"),
        csv("0,1,3.5", "0,1,0x1p3", ":3", "The weight (0x1p3) must be", "Maybe"),
        csv("0,1,3.5", "0,1,", ":3", "The weight () must be", "Maybe"),
        csv(
            "0,1,3.5",
            "0,1,3,5",
            ":3",
            "The row has 4 values, but the header has 3.",
            "or a decimal comma is used."),
        csv(
            "0,1,3.5",
            "0,0,3.5",
            ":3",
            "The weight of expert (0) in layer (0) is there twice.",
            "Maybe two recordings"),
        csv(
            "0,1,3.5\n",
            "\n0,1,3.5\n",
            ":3",
            "The line must not be blank.",
            "Maybe two files were joined."));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void isReported(Fault fault, @TempDir Path folder) throws Exception {
    String json = GoodProblem.text();
    String csv = GoodProblem.csv();
    Path file =
        fault.csv()
            ? GoodProblem.write(folder, json, fault.applyTo(csv))
            : GoodProblem.write(folder, fault.applyTo(json), csv);

    List<Issue> errors =
        Problems.validate(file).stream().filter(i -> i.severity() == Severity.ERROR).toList();

    assertThat(errors)
        .extracting(MalformedProblemTest::where)
        .containsExactlyInAnyOrder(fault.where().split("\\|"));
    assertThat(errors)
        .as("%s", errors)
        .anySatisfy(
            error -> {
              assertThat(error.message()).contains(fault.message());
              assertThat(error.hint()).startsWith("Maybe ").endsWith(".").contains(fault.hint());
            });
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Problems.read(file))
        .withMessageContaining(fault.message());
  }

  private static String where(Issue issue) {
    if (issue.pointer() != null) {
      assertThat(issue.line()).as("a JSON pointer is found in the file").isPositive();
      return issue.pointer();
    }
    return issue.column() == 0 ? ":" + issue.line() : issue.line() + ":" + issue.column();
  }
}
