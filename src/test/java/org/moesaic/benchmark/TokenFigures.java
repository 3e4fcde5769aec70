package org.moesaic.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.zip.GZIPInputStream;
import org.moesaic.check.PlanConverter;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.plan.Plan;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Model;
import org.moesaic.problem.Model.Copies;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Provider;
import org.moesaic.problem.Region;
import org.moesaic.problem.Routing;
import org.moesaic.problem.Routing.Load;
import org.moesaic.problem.Routing.Sample;
import org.moesaic.problem.SampledTokens;
import org.moesaic.problem.Weights;
import org.moesaic.solve.Planner;

/**
 * What recorded tokens are worth to a plan, as Markdown: four regions, each with the tokens of one
 * task of DeepSeek-V2-Lite, the same price between all, and memory for some experts of each layer
 * on average. The first half of each task's tokens is planned with, and both halves priced.
 *
 * <p>A plan by loads alone knows how often each expert is chosen, and not which are chosen
 * together: once as if a token went out for each of its experts ({@code copies: perExpert}), and
 * once as if experts were chosen independently ({@code copies: perSite} without samples). Nodes
 * cost nothing, so that egress is all there is to be bounded.
 */
final class TokenFigures {
  private static final List<String> TASKS = List.of("intent", "law", "summary", "translation");
  private static final int LAYERS = 26;
  private static final int EXPERTS = 64;
  private static final int TOP_K = 6;

  /** Three matrices of 2048 x 1408 numbers of 16 bit. */
  private static final long EXPERT_BYTES = 3L * 2048 * 1408 * 2;

  private static final double USD_PER_GB = 0.02;
  private static final double TOKENS_PER_SECOND = 10_000;

  private final int seeds;
  private final PrintStream out;
  private final BiFunction<Duration, Integer, Planner> planners;

  /** What is known of the tokens when a plan is made. */
  private enum Known {
    CALLS("loads, `perExpert`", Copies.PER_EXPERT),
    LOADS("loads, `perSite`", Copies.PER_SITE),
    TOKENS("tokens", Copies.PER_SITE);

    private final String title;
    private final Copies copies;

    Known(String title, Copies copies) {
      this.title = title;
      this.copies = copies;
    }
  }

  /** Of plans by seeds: copies that leave for each token and layer, in and out of sample. */
  private record Found(double[] inSample, double[] heldOut, double[] boundCopies, double[] gap) {}

  TokenFigures(int seeds, PrintStream out, BiFunction<Duration, Integer, Planner> planners) {
    this.seeds = seeds;
    this.out = out;
    this.planners = planners;
  }

  /**
   * Prints the table.
   *
   * @param only the beginning of a number of slots; empty for all
   */
  void print(Duration time, String only) {
    out.printf(
        "| slots | planned by | copies a token and layer, in sample | held out | ratio to loads,"
            + " in sample | held out | bound, copies | certified gap, %% |%n"
            + "|---|---|---|---|---|---|---|---|%n");
    for (int slots : new int[] {20, 16, 24, 32}) {
      if (Integer.toString(slots).startsWith(only)) {
        print(time, slots);
      }
    }
  }

  private void print(Duration time, int slots) {
    Found byCalls = find(Known.CALLS, time, slots);
    print(slots, Known.CALLS, byCalls, byCalls);
    print(slots, Known.LOADS, find(Known.LOADS, time, slots), byCalls);
    print(slots, Known.TOKENS, find(Known.TOKENS, time, slots), byCalls);
  }

  private void print(int slots, Known known, Found found, Found reference) {
    out.printf(
        Locale.ROOT,
        "| %d | %s | %s | %s | %s | %s | %s | %s |%n",
        slots,
        known.title,
        Figures.spread(found.inSample, "%.4f"),
        Figures.spread(found.heldOut, "%.4f"),
        Figures.spread(ratios(found.inSample, reference.inSample), "%.3f"),
        Figures.spread(ratios(found.heldOut, reference.heldOut), "%.3f"),
        known == Known.TOKENS ? Figures.spread(found.boundCopies, "%.4f") : "-",
        known == Known.TOKENS ? Figures.spread(found.gap, "%.2f") : "-");
  }

  private static double[] ratios(double[] values, double[] references) {
    double[] sorted = references.clone();
    Arrays.sort(sorted);
    return Arrays.stream(values).map(v -> v / sorted[sorted.length / 2]).toArray();
  }

  private Found find(Known known, Duration time, int slots) {
    Problem planned = problem(known, slots, 0);
    Instance instance = Instance.of(planned);
    var found =
        new Found(new double[seeds], new double[seeds], new double[seeds], new double[seeds]);
    for (int seed = 0; seed < seeds; seed++) {
      Plan plan = planners.apply(time, seed).solve(planned);
      Assignment assignment =
          PlanConverter.toAssignment(
                  instance,
                  plan,
                  (pointer, value, message, hint) -> {
                    throw new IllegalStateException(pointer + ": " + message);
                  })
              .orElseThrow();
      found.inSample[seed] = copies(assignment, problem(Known.TOKENS, slots, 0));
      found.heldOut[seed] = copies(assignment, problem(Known.TOKENS, slots, 1));
      Plan.Bound bound = plan.bound();
      found.boundCopies[seed] = bound == null ? Double.NaN : bound.usdPerHour() / usdPerCopy();
      found.gap[seed] = bound == null ? Double.NaN : 100 * bound.gap();
    }
    return found;
  }

  /** Copies that leave for each token and layer, priced as the product prices them. */
  private static double copies(Assignment planned, Problem problem) {
    Instance instance = Instance.of(problem);
    List<Placement> placements = new ArrayList<>();
    for (int s = 0; s < instance.shards(); s++) {
      placements.add(servingAll(instance, s, planned.of(s)));
    }
    Bill bill = Pricing.price(instance, new Assignment(placements));
    if (!bill.keepsRules()) {
      throw new IllegalStateException("A plan breaks rules: " + bill.violations());
    }
    return bill.egressUsdPerHour() / usdPerCopy();
  }

  /** Calls that were never planned for are served at home if the expert is there. */
  private static Placement servingAll(Instance instance, int shard, Placement planned) {
    int[] servedBy = planned.servedBy().clone();
    for (int o = 0; o < servedBy.length; o++) {
      if (!instance.isServed(o, shard)) {
        servedBy[o] = Placement.NOBODY;
      } else if (servedBy[o] == Placement.NOBODY) {
        servedBy[o] = planned.replicas()[0];
        for (int replica : planned.replicas()) {
          if (instance.siteOfOffer(replica) == instance.siteOfOrigin(o)) {
            servedBy[o] = replica;
          }
        }
      }
    }
    return new Placement(planned.replicas(), servedBy);
  }

  /** Cost of a copy of each token in each layer, USD per hour. */
  private static double usdPerCopy() {
    return TASKS.size() * LAYERS * TOKENS_PER_SECOND * (2048 + 4096) * 3600 / 1e9 * USD_PER_GB;
  }

  private static Problem problem(Known known, int slots, int half) {
    var model =
        new Model(
            "DeepSeek-V2-Lite",
            LAYERS,
            EXPERTS,
            TOP_K,
            EXPERT_BYTES,
            0,
            2048,
            4096,
            1,
            known.copies,
            null,
            null);
    List<Region> regions = new ArrayList<>();
    List<Origin> origins = new ArrayList<>();
    List<Offer> offers = new ArrayList<>();
    List<Load> loads = new ArrayList<>();
    List<Sample> samples = new ArrayList<>();
    for (String task : TASKS) {
      regions.add(new Region(task, "europe", "DE", 50.0, 8.0, null, null));
      origins.add(new Origin(task, "cloud", task, TOKENS_PER_SECOND, null, null));
      offers.add(offer(task, slots));
      SampledTokens tokens = tokens(task, half, model);
      if (known == Known.TOKENS) {
        samples.add(new Sample(task, task + ".topk.u8.gz", tokens.tokens(), tokens));
      } else {
        loads.add(new Load(task, null, counts(tokens)));
      }
    }
    return Problem.builder("recorded tokens", model)
        .regions(regions)
        .providers(List.of(new Provider("cloud", new Provider.EgressRates(USD_PER_GB, null, null))))
        .origins(origins)
        .routing(new Routing(loads, samples))
        .offers(offers)
        .build();
  }

  private static Offer offer(String region, int slots) {
    double gib = (double) slots * LAYERS * EXPERT_BYTES / (1L << 30);
    return new Offer(
        region, "cloud", region, null, null, gib, null, null, null, 0, "lease", 0, 0, 1, null);
  }

  private static Weights counts(SampledTokens tokens) {
    double[][] counts = new double[LAYERS][EXPERTS];
    for (int l = 0; l < LAYERS; l++) {
      for (int e = 0; e < EXPERTS; e++) {
        counts[l][e] = tokens.choosers(l, e).length;
      }
    }
    return Weights.of(counts);
  }

  /** One half of a task's tokens. */
  private static SampledTokens tokens(String task, int half, Model model) {
    Path folder = Recordings.folder("routing/deepseek-v2-lite");
    if (folder == null) {
      throw new IllegalStateException(
          "The recorded tokens are not here.\n"
              + "Maybe name their folder with -Dmoesaic.recordings=...");
    }
    byte[] bytes;
    try (InputStream in =
        new GZIPInputStream(Files.newInputStream(folder.resolve(task + ".topk.u8.gz")))) {
      bytes = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int all = bytes.length / (LAYERS * TOP_K);
    int first = half == 0 ? 0 : all / 2;
    int[][][] choices = new int[half == 0 ? all / 2 : all - all / 2][LAYERS][TOP_K];
    for (int t = 0; t < choices.length; t++) {
      for (int l = 0; l < LAYERS; l++) {
        for (int k = 0; k < TOP_K; k++) {
          choices[t][l][k] = Byte.toUnsignedInt(bytes[((first + t) * LAYERS + l) * TOP_K + k]);
        }
      }
    }
    return SampledTokens.of(choices, model);
  }
}
