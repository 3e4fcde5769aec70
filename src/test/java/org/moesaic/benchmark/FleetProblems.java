package org.moesaic.benchmark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.generate.Generator;
import org.moesaic.generate.GeneratorOptions;
import org.moesaic.generate.Selection;
import org.moesaic.problem.Link;
import org.moesaic.problem.Model;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Policy;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import org.moesaic.problem.Region;
import org.moesaic.problem.Routing;
import org.moesaic.problem.Routing.Load;
import org.moesaic.problem.Weights;
import org.moesaic.testing.Changed;

/**
 * Problems that differ from those of {@code problems/} in size. Experts, token rates, limits of
 * offers, regions and links all grow by one factor: so lease and egress keep their proportion, and
 * the number of nodes grows.
 */
public final class FleetProblems {
  private static final List<String> RECORDED =
      List.of("prefill_in4096", "decode_in1000out1000", "prefill_in1024", "decode_in2000out100");

  private FleetProblems() {}

  /**
   * A problem of {@code problems/} whose fleet is larger by a factor, with any number of replicas.
   */
  public static Problem scaled(String file, double factor) {
    return scaled(Problems.read(Path.of("problems", file)), factor);
  }

  /**
   * Seven clouds, as in {@code problems/calls/03-seven-clouds.json}, with loads recorded from a
   * model of the size of DeepSeek-R1, of another recording for each origin in turn.
   */
  public static Problem recorded(double factor) {
    Problem problem = Problems.read(Path.of("problems", "calls", "03-seven-clouds.json"));
    List<Load> loads = new ArrayList<>();
    for (int o = 0; o < problem.origins().size(); o++) {
      String name = RECORDED.get(o % RECORDED.size());
      loads.add(new Load(problem.origins().get(o).id(), null, Recordings.deepSeekR1(name)));
    }
    return scaled(with(problem, new Routing(loads, List.of())), factor);
  }

  /**
   * A model of any size in all clouds of the built-in catalog, trained from the first origins of
   * its list. Where there are more offers than the catalog has, a site also has older nodes, of
   * three quarters of the memory at seven tenths of the price.
   *
   * @param tokensPerSecond of each origin
   */
  public static Problem large(
      int layers, int experts, int offers, int origins, double tokensPerSecond) {
    return sized(
        Generator.generate(
            GeneratorOptions.builder()
                .stateFactor(16)
                .training(true)
                .backbone(false)
                .origins(new Selection.First(origins))
                .tokensPerSecond(tokensPerSecond)
                .maxNodes(40)
                .maxReplicas(4)
                .build()),
        layers,
        experts,
        offers);
  }

  /**
   * The same with everything on: the dense part placed, streams of 100,000 tokens per second,
   * replicas that agree every five minutes, tokens that come and go, ways of finite capacity.
   *
   * @param streams of each origin
   */
  public static Problem fabric(int layers, int experts, int offers, int origins, int streams) {
    return sized(
        Generator.generate(
            GeneratorOptions.builder()
                .stateFactor(16)
                .training(true)
                .usableCompute(0.16)
                .accessBytes(8)
                .syncsPerHour(12)
                .syncWindow(0.5)
                .wanGbps(800)
                .origins(new Selection.First(origins))
                .tokensPerSecond(100_000.0 * streams)
                .streams(streams)
                .maxNodes(300)
                .build()),
        layers,
        experts,
        offers);
  }

  private static Problem sized(Problem base, int layers, int experts, int offers) {
    Model m = base.model();
    List<Offer> all = new ArrayList<>();
    for (int i = 0; i < offers; i++) {
      Offer offer = base.offers().get(i % base.offers().size());
      all.add(i < base.offers().size() ? offer : older(offer));
    }
    SplittableRandom random = new SplittableRandom(1);
    double[][] shared = zipf(layers, experts, random);
    List<Load> loads = new ArrayList<>();
    for (Origin origin : base.origins()) {
      double[][] weights = zipf(layers, experts, random);
      for (int l = 0; l < layers; l++) {
        for (int e = 0; e < experts; e++) {
          weights[l][e] = 0.7 * shared[l][e] + 0.3 * weights[l][e];
        }
      }
      loads.add(new Load(origin.id(), null, Weights.of(weights)));
    }
    Model model =
        new Model(
            "%d x %d".formatted(layers, experts),
            layers,
            experts,
            m.topK(),
            m.expertBytes(),
            m.expertFlopsPerToken(),
            m.dispatchBytes(),
            m.combineBytes(),
            1,
            m.copies(),
            m.backbone(),
            m.sync());
    return base.toBuilder()
        .name(model.name())
        .model(model)
        .routing(new Routing(loads, List.of()))
        .offers(all)
        .build();
  }

  /** Weights that fall with the rank as 1 / sqrt(rank), in an order of each layer's own. */
  private static double[][] zipf(int layers, int experts, SplittableRandom random) {
    double[][] weights = new double[layers][experts];
    for (double[] row : weights) {
      List<Integer> ranks = new ArrayList<>(IntStream.range(0, experts).boxed().toList());
      Collections.shuffle(ranks, random);
      Arrays.setAll(row, e -> 1 / Math.sqrt(1 + ranks.get(e)));
    }
    return weights;
  }

  private static Offer older(Offer o) {
    Double memory = o.memoryGibPerNode();
    return new Offer(
        o.id() + "-older",
        o.provider(),
        o.region(),
        o.accelerator(),
        o.acceleratorsPerNode(),
        memory == null ? null : Double.valueOf(memory * 0.75),
        o.tflopsPerNode(),
        o.networkGbpsPerNode(),
        o.fabric(),
        o.powerKwPerNode(),
        o.tenure(),
        o.usdPerNodeHour() * 0.7,
        o.minNodes(),
        o.maxNodes(),
        o.availableFrom());
  }

  private static Problem with(Problem p, Routing routing) {
    return p.toBuilder().name(p.name() + ", recorded loads").routing(routing).build();
  }

  static Problem scaled(Problem p, double factor) {
    Model m = p.model();
    Policy policy = p.policy();
    return new Problem(
        "%s, %.3g times".formatted(p.name(), factor),
        new Model(
            m.name(),
            m.moeLayers(),
            m.expertsPerLayer(),
            m.topK(),
            Math.round(m.expertBytes() * factor),
            m.expertFlopsPerToken(),
            m.dispatchBytes(),
            m.combineBytes(),
            m.expertsPerShard(),
            m.copies(),
            m.backbone(),
            m.sync()),
        p.regions().stream()
            .map(
                r ->
                    new Region(
                        r.id(),
                        r.continent(),
                        r.country(),
                        r.latitude(),
                        r.longitude(),
                        r.powerDomain(),
                        times(r.powerCapKw(), factor)))
            .toList(),
        p.providers(),
        p.links().stream()
            .map(
                l ->
                    new Link(
                        l.from(),
                        l.to(),
                        l.bidirectional(),
                        l.usdPerGb(),
                        l.rttMs(),
                        times(l.gbps(), factor)))
            .toList(),
        p.origins().stream()
            .map(
                o ->
                    new Origin(
                        o.id(),
                        o.provider(),
                        o.region(),
                        o.tokensPerSecond() * factor,
                        o.servableIn(),
                        o.maxAddedLatencyMs()))
            .toList(),
        p.routing(),
        p.offers().stream().map(o -> scaled(o, factor)).toList(),
        p.usable(),
        new Policy(
            policy.neededBy(),
            policy.minReplicas(),
            null,
            policy.survive(),
            policy.maxProviderShare(),
            policy.maxAddedLatencyMs(),
            policy.pins(),
            policy.bans()),
        p.objective(),
        p.incumbent(),
        "");
  }

  private static @Nullable Double times(@Nullable Double limit, double factor) {
    return limit == null ? null : Double.valueOf(limit * factor);
  }

  private static Offer scaled(Offer o, double factor) {
    Integer maxNodes = o.maxNodes();
    return Changed.offer(
        o,
        o.usdPerNodeHour(),
        maxNodes == null ? null : Integer.valueOf((int) Math.ceil(maxNodes * factor)));
  }
}
