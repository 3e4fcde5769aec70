package org.moesaic.benchmark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
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
   * Seven clouds, as in {@code problems/03-seven-clouds.json}, with loads recorded from a model of
   * the size of DeepSeek-R1, of another recording for each origin in turn.
   */
  public static Problem recorded(double factor) {
    Problem problem = Problems.read(Path.of("problems", "03-seven-clouds.json"));
    List<Load> loads = new ArrayList<>();
    for (int o = 0; o < problem.origins().size(); o++) {
      String name = RECORDED.get(o % RECORDED.size());
      loads.add(new Load(problem.origins().get(o).id(), null, Recordings.deepSeekR1(name)));
    }
    return scaled(with(problem, new Routing(loads, List.of())), factor);
  }

  private static Problem with(Problem p, Routing routing) {
    return new Problem(
        p.name() + ", recorded loads",
        p.model(),
        p.regions(),
        p.providers(),
        p.links(),
        p.origins(),
        routing,
        p.offers(),
        p.usable(),
        p.policy(),
        p.objective(),
        p.incumbent(),
        "");
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
    return new Offer(
        o.id(),
        o.provider(),
        o.region(),
        o.accelerator(),
        o.acceleratorsPerNode(),
        o.memoryGibPerNode(),
        o.tflopsPerNode(),
        o.networkGbpsPerNode(),
        o.fabric(),
        o.powerKwPerNode(),
        o.tenure(),
        o.usdPerNodeHour(),
        o.minNodes(),
        maxNodes == null ? null : Integer.valueOf((int) Math.ceil(maxNodes * factor)),
        o.availableFrom());
  }
}
