package org.moesaic.generate;

import static org.moesaic.generate.Names.split;

import java.util.Arrays;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.moesaic.generate.GeneratorOptions.Builder;
import org.moesaic.generate.GeneratorOptions.Residency;
import org.moesaic.generate.ModelShape.Dtype;
import org.moesaic.problem.Model.Copies;
import org.moesaic.problem.Policy.DomainKind;

/** The options of the example problems. {@code problems/README.md} tells their stories. */
public enum Preset {
  /** DeepSeek-V3 trained over seven clouds, no region of which is large enough. */
  FLAGSHIP(
      "02-flagship",
      b ->
          training(b)
              .name("DeepSeek-V3 trained at 20 million tokens per second over seven clouds")
              .offers(
                  named(
                      "azure-us-ashburn-h100,oci-us-ashburn-h200,oci-us-ashburn-b200,"
                          + "aws-us-ashburn-h100,aws-us-columbus-h200,coreweave-us-chicago-h200,"
                          + "oci-us-chicago-h200,nebius-us-kansas-city-b200,"
                          + "nebius-us-kansas-city-h200,lambda-us-austin-b200,"
                          + "gcp-us-council-bluffs-h100,aws-us-oregon-h200,"
                          + "coreweave-us-las-vegas-b200,oci-us-phoenix-h200,"
                          + "azure-us-bay-area-h100,oci-us-bay-area-h200,lambda-us-bay-area-h100,"
                          + "nebius-eu-helsinki-h200,nebius-eu-paris-h200,oci-eu-frankfurt-b200,"
                          + "aws-eu-stockholm-h200"))
              .origins(
                  named(
                      "azure/us-ashburn=8000000x16,aws/us-oregon=6000000x12,oci/us-phoenix=6000000x12"))
              .survive(Set.of(DomainKind.REGION))
              .powerCapKw(3000)
              .maxNodes(200)
              .wanGbps(400)
              .seed(2)),

  /** DeepSeek-V3 trained on Azure and OCI, in metropolitan areas that free links join. */
  METROS(
      "03-metros",
      b ->
          training(b)
              .name("DeepSeek-V3 trained on Azure and OCI in the same metros")
              .offers(
                  named(
                      "azure-us-ashburn-h100=96,oci-us-ashburn-h200=64,oci-us-ashburn-b200=48,"
                          + "azure-us-bay-area-h100=96,oci-us-bay-area-h200=64,"
                          + "oci-us-phoenix-h200=64,oci-us-chicago-h200=64,oci-us-chicago-a100=48"))
              .origins(
                  named(
                      "azure/us-ashburn=1500000x12,azure/us-bay-area=1000000x8,"
                          + "azure/us-phoenix=500000x4"))
              .interconnectGbps(1600)
              .wanGbps(400)
              .seed(3)),

  /** Kimi-K2 in one metropolitan area, with old nodes for experts that few tokens call. */
  COLD_TIER(
      "04-cold-tier",
      b ->
          serving(b)
              .name("Kimi-K2 served in Ashburn with a tier for cold experts")
              .model("kimi-k2")
              .dtype(Dtype.BF16)
              .copies(Copies.PER_SITE)
              .samples(1000)
              .offers(
                  named(
                      "azure-us-ashburn-h100,azure-us-ashburn-a100,oci-us-ashburn-h200,"
                          + "oci-us-ashburn-h100,oci-us-ashburn-b200,aws-us-ashburn-h100,"
                          + "aws-us-ashburn-a100"))
              .origins(named("azure/us-ashburn=40000,aws/us-ashburn=20000"))
              .skew(1)
              .specialisation(0.1)
              .maxNodes(32)
              .seed(4)),

  /** DeepSeek-V3 served in eight cities, to people who wait. */
  EIGHT_CITIES(
      "05-eight-cities",
      b ->
          serving(b)
              .name("DeepSeek-V3 served in eight cities within 60 ms, Europe's tokens in Europe")
              .offers(
                  named(
                      "azure-us-ashburn-h100,oci-us-ashburn-h200,aws-us-ashburn-h100,"
                          + "nebius-us-kansas-city-h200,lambda-us-austin-h100,aws-us-oregon-h200,"
                          + "lambda-us-bay-area-h100,oci-us-phoenix-h200,aws-eu-stockholm-h100,"
                          + "gcp-eu-belgium-h100,oci-eu-frankfurt-h200,nebius-eu-helsinki-h200,"
                          + "nebius-eu-paris-h200,aws-uk-london-h100,aws-ap-tokyo-h100,"
                          + "oci-ap-tokyo-h200,gcp-ap-singapore-h100,oci-ap-singapore-h200,"
                          + "aws-ap-mumbai-h100,gcp-ap-mumbai-h100"))
              .origins(
                  named(
                      "azure/us-ashburn=400000,aws/us-oregon=250000,oci/us-phoenix=100000,"
                          + "aws/eu-frankfurt=300000,aws/uk-london=150000,aws/ap-tokyo=250000,"
                          + "oci/ap-singapore=150000,aws/ap-mumbai=120000"))
              .streams(4)
              .maxAccessMs(60)
              .residency(Residency.EU)
              .maxNodes(40)
              .seed(5)),

  /** DeepSeek-V3 trained in regions of little power, any one of which may fail. */
  POWER_SURVIVAL(
      "06-power-survival",
      b ->
          training(b)
              .name("DeepSeek-V3 trained under power caps, surviving the loss of any region")
              .expertsPerShard(8)
              .offers(
                  named(
                      "azure-us-ashburn-h100,oci-us-ashburn-h200,aws-us-columbus-h200,"
                          + "oci-us-chicago-h200,coreweave-us-chicago-h200,nebius-us-kansas-city-h200,"
                          + "nebius-us-kansas-city-b200,lambda-us-austin-b200,aws-us-oregon-h200,"
                          + "coreweave-us-las-vegas-b200,oci-us-phoenix-h200"))
              .origins(named("azure/us-ashburn=800000,aws/us-oregon=500000,aws/us-columbus=600000"))
              .streams(8)
              .syncsPerHour(4)
              .survive(Set.of(DomainKind.REGION))
              .minReplicas(2)
              .powerCapKw(500)
              .maxNodes(60)
              .wanGbps(200)
              .seed(6)),

  /** DeepSeek-V3 in two clouds that private links join. */
  CALLS_AZURE_OCI(
      "calls/02-azure-oci",
      b ->
          b.name("DeepSeek-V3 over Azure and OCI with interconnect")
              .stateFactor(16)
              .backbone(false)
              .training(true)
              .clouds(split("azure,oci"))
              .offers(
                  named(
                      "azure-us-ashburn-h100,azure-us-bay-area-h100,"
                          + "oci-us-ashburn-h200,oci-us-bay-area-h200,oci-us-phoenix-h200,"
                          + "oci-us-chicago-a100,oci-uk-london-h200,oci-eu-amsterdam-h200"))
              .origins(
                  named(
                      "azure/us-ashburn=1500,azure/us-bay-area=1000,azure/us-phoenix=500,"
                          + "azure/uk-london=700"))
              .interconnectGbps(100)
              .maxNodes(24)
              .maxReplicas(3)
              .seed(2)),

  /** DeepSeek-V3 in seven clouds, at full size. */
  CALLS_SEVEN_CLOUDS(
      "calls/03-seven-clouds",
      b ->
          b.name("DeepSeek-V3 over seven clouds")
              .stateFactor(16)
              .backbone(false)
              .training(true)
              .offers(new Selection.First(24))
              .origins(
                  named(
                      "azure/us-ashburn=900,aws/us-oregon=700,gcp/us-council-bluffs=500,"
                          + "aws/eu-stockholm=600,oci/eu-frankfurt=800,aws/ap-tokyo=400"))
              .maxNodes(12)
              .maxReplicas(4)
              .seed(3)),

  /** Experts that few tokens call, on cheap old nodes. */
  CALLS_COLD_TIER(
      "calls/04-cold-tier",
      b ->
          b.name("Kimi-K2 with a tier for cold experts")
              .model("kimi-k2")
              .stateFactor(16)
              .backbone(false)
              .training(true)
              .offers(
                  named(
                      "aws-us-ashburn-h100,aws-us-oregon-h200,oci-eu-frankfurt-h200,"
                          + "coreweave-us-chicago-a100,oci-us-phoenix-a100"))
              .origins(named("aws/us-ashburn=300,aws/us-oregon=250,oci/eu-frankfurt=200"))
              .skew(1)
              .specialisation(0.1)
              .maxNodes(40)
              .seed(4)),

  /** Tokens that may not leave the European Union. */
  CALLS_EU_RESIDENCY(
      "calls/05-eu-residency",
      b ->
          b.name("DeepSeek-V2 with European residency")
              .model("deepseek-v2")
              .stateFactor(16)
              .backbone(false)
              .training(true)
              .offers(
                  named(
                      "aws-us-ashburn-h100,nebius-us-kansas-city-h200,aws-eu-stockholm-h100,"
                          + "gcp-eu-belgium-h100,oci-eu-frankfurt-h200,nebius-eu-helsinki-h200,"
                          + "nebius-eu-paris-h200,aws-uk-london-h100,aws-eu-aragon-h200"))
              .origins(
                  named(
                      "aws/eu-frankfurt=500,gcp/eu-belgium=400,aws/uk-london=400,"
                          + "aws/us-ashburn=600"))
              .residency(Residency.EU)
              .maxNodes(5)
              .seed(5)),

  /** Regions of little power, any one of which may fail. */
  CALLS_POWER_SURVIVAL(
      "calls/06-power-survival",
      b ->
          b.name("DeepSeek-V3 under power caps, surviving the loss of any region")
              .expertsPerShard(8)
              .stateFactor(16)
              .backbone(false)
              .training(true)
              .offers(
                  named(
                      "azure-us-ashburn-h100,oci-us-ashburn-h200,aws-us-columbus-h200,"
                          + "oci-us-chicago-h200,coreweave-us-chicago-h200,nebius-us-kansas-city-h200,"
                          + "nebius-us-kansas-city-b200,lambda-us-austin-b200,aws-us-oregon-h200,"
                          + "coreweave-us-las-vegas-b200,oci-us-phoenix-h200"))
              .origins(named("azure/us-ashburn=400,aws/us-oregon=250,aws/us-columbus=300"))
              .specialisation(0.2)
              .survive(Set.of(DomainKind.REGION))
              .minReplicas(2)
              .maxReplicas(3)
              .powerCapKw(100)
              .maxNodes(20)
              .seed(6)),

  /** Nodes so few that serving and replicas compete for them. */
  TIGHT(
      "07-tight",
      b ->
          b.name("Mixtral-8x22B with hardly enough nodes")
              .model("mixtral-8x22b")
              .stateFactor(16)
              .backbone(false)
              .training(true)
              .offers(
                  named(
                      "aws-us-ashburn-h100,gcp-us-council-bluffs-h100,aws-us-oregon-h200,"
                          + "aws-eu-stockholm-h100,aws-uk-london-h100"))
              .origins(
                  named(
                      "aws/us-ashburn=110000,gcp/us-council-bluffs=80000,aws/us-oregon=110000,"
                          + "aws/eu-stockholm=80000"))
              .egressScale(0.01)
              .maxNodes(3)
              .seed(7));

  private final String file;
  private final UnaryOperator<Builder> options;

  Preset(String file, UnaryOperator<Builder> options) {
    this.file = file;
    this.options = options;
  }

  /**
   * The name that options use, e.g. {@code 02-flagship}: that of the file in {@code problems/},
   * without suffix.
   */
  public String file() {
    return file;
  }

  /** The name of its problem. */
  public String title() {
    return String.valueOf(options().build().name);
  }

  /** Its options, to build as they are or to change first. */
  public Builder options() {
    return options.apply(GeneratorOptions.builder());
  }

  /**
   * The preset of a name.
   *
   * @throws InvalidOptionException if there is none
   */
  public static Preset of(String file) {
    return Arrays.stream(values())
        .filter(p -> p.file.equals(file))
        .findFirst()
        .orElseThrow(
            () ->
                Names.unknown("preset", file, Arrays.stream(values()).map(Preset::file).toList()));
  }

  /**
   * Training state of 16 bytes per parameter, 0.16 of the peak (what DeepSeek-V3's published
   * training comes to), token ids there and back, and replicas that agree every five minutes.
   */
  private static Builder training(Builder builder) {
    return builder
        .stateFactor(16)
        .training(true)
        .usableCompute(0.16)
        .accessBytes(8)
        .syncsPerHour(12)
        .syncWindow(0.5);
  }

  /** Weights alone, a tenth of the peak, and text there and back. */
  private static Builder serving(Builder builder) {
    return builder.usableCompute(0.1).accessBytes(16);
  }

  private static Selection named(String names) {
    return new Selection.Named(split(names));
  }
}
