package org.moesaic.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.moesaic.instance.Placement;
import org.moesaic.json.InvalidInputException;
import org.moesaic.pack.LayerPacking;
import org.moesaic.pack.OfferPacking;

/** What is exported reads back as what was packed, and fits the plan it was packed for. */
class RoundTripTest {
  /** Run one seed alone with {@code -Dmoesaic.export.seed=N}. */
  private static final long ONLY = Long.getLong("moesaic.export.seed", -1);

  private static final int SEEDS = 20;

  @TempDir private Path folder;

  private static ExportOptions options(ExportFormat format, long seed) {
    var random = new Random(seed);
    return new ExportOptions(
        format,
        DenseLayers.leading(random.nextInt(3)),
        random.nextInt(4),
        random.nextBoolean(),
        true,
        1 + random.nextInt(4));
  }

  private static String replay(long seed) {
    return "seed %d; replay with -Dmoesaic.export.seed=%d".formatted(seed, seed);
  }

  private static boolean skipped(long seed) {
    return ONLY >= 0 && seed != ONLY;
  }

  @ParameterizedTest
  @EnumSource
  void readsBackWhatWasPacked(ExportFormat format) throws IOException {
    int partial = 0;
    int repeated = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      if (skipped(seed)) {
        continue;
      }
      boolean complete = format == ExportFormat.SGLANG || seed % 2 == 0;
      RandomPlans plans = complete ? RandomPlans.complete(seed) : RandomPlans.any(seed);
      Export export;
      try {
        export =
            Exporter.export(
                plans.problem(), plans.plan(), Path.of("plan.json"), options(format, seed));
      } catch (InvalidInputException e) {
        // Few experts on many accelerators: some formats cannot say that one is there twice.
        assertThat(format.files().repeats()).as(replay(seed)).isFalse();
        assertThat(e).hasMessageContaining("twice on accelerator");
        repeated++;
        continue;
      }
      partial += export.notes().stream().anyMatch(note -> note.contains("leaves out")) ? 1 : 0;
      Path to = folder.resolve(format.title() + seed);
      export.writeTo(to, false);
      List<OfferPacking> packed = export.offers().stream().map(Export.OfferFile::packing).toList();
      assertThat(slots(Exports.read(to), format)).as(replay(seed)).isEqualTo(slots(packed, format));
      requirePlan(plans, packed, replay(seed));
    }
    if (ONLY < 0) {
      assertThat(repeated).isLessThan(SEEDS / 2);
      if (format.files().partial() == OfferFormat.Partial.ON_REQUEST) {
        assertThat(partial).isPositive();
      }
    }
  }

  /** What an export says of each offer; a pattern has no order of slots on an accelerator. */
  private static Map<String, Map<Integer, List<List<Integer>>>> slots(
      List<OfferPacking> packings, ExportFormat format) {
    Map<String, Map<Integer, List<List<Integer>>>> offers = new TreeMap<>();
    for (OfferPacking packing : packings) {
      Map<Integer, List<List<Integer>>> layers = new TreeMap<>();
      for (LayerPacking layer : packing.packing().layers()) {
        int each = layer.slots() / packing.packing().accelerators();
        List<List<Integer>> accelerators = new ArrayList<>();
        for (int a = 0; a < packing.packing().accelerators(); a++) {
          List<Integer> on = new ArrayList<>(layer.slotExperts().subList(a * each, (a + 1) * each));
          if (format == ExportFormat.OMNI_INFER) {
            on.sort(null);
          }
          accelerators.add(on);
        }
        layers.put(layer.layer(), accelerators);
      }
      offers.put(
          packing.offer() + " " + packing.nodes() + " x " + packing.acceleratorsPerNode(), layers);
    }
    return offers;
  }

  /** Every offer holds the experts of its shards and no others. */
  private static void requirePlan(RandomPlans plans, List<OfferPacking> packings, String from) {
    var instance = plans.instance();
    for (int i = 0; i < instance.offers(); i++) {
      String id = instance.offer(i).id();
      for (int s = 0; s < instance.shards(); s++) {
        boolean holds = plans.assignment().of(s).holds(i);
        int layer = instance.layerOf(s);
        List<Integer> slots =
            packings.stream()
                .filter(p -> p.offer().equals(id))
                .flatMap(p -> p.packing().layers().stream())
                .filter(l -> l.layer() == layer)
                .flatMap(l -> l.slotExperts().stream())
                .toList();
        for (int e = 0; e < instance.sizeOf(s); e++) {
          assertThat(slots.contains(instance.firstExpertOf(s) + e)).as(from).isEqualTo(holds);
        }
      }
    }
  }

  @Test
  void routesSayWhoServesWhom() throws IOException {
    for (long seed = 0; seed < SEEDS; seed++) {
      if (skipped(seed)) {
        continue;
      }
      RandomPlans plans = RandomPlans.any(seed);
      var instance = plans.instance();
      ExportOptions options = options(ExportFormat.CSV, seed);
      Path to = folder.resolve("routes" + seed);
      Exporter.export(plans.problem(), plans.plan(), Path.of("plan.json"), options)
          .writeTo(to, false);
      Routes routes = Exports.routes(to.resolve("routes.json"));
      int dense = options.denseLayers().layers().size();
      assertThat(routes.modelLayerCount()).isEqualTo(instance.layers() + dense);
      assertThat(routes.routes()).hasSize(instance.origins() * instance.layers());
      for (Routes.Route route : routes.routes()) {
        assertThat(route.modelLayer()).isEqualTo(route.layer() + dense);
        int origin = 0;
        while (!instance.origin(origin).id().equals(route.origin())) {
          origin++;
        }
        for (int s = instance.shard(route.layer(), 0);
            s < instance.shard(route.layer() + 1, 0);
            s++) {
          int server = plans.assignment().of(s).servedBy()[origin];
          for (int e = 0; e < instance.sizeOf(s); e++) {
            int offer = route.offers().get(instance.firstExpertOf(s) + e);
            String served = offer < 0 ? "nobody" : routes.offers().get(offer);
            assertThat(served)
                .as(replay(seed))
                .isEqualTo(server == Placement.NOBODY ? "nobody" : instance.offer(server).id());
          }
        }
      }
    }
  }

  @Test
  void samePlanGivesSameBytes() {
    for (ExportFormat format : ExportFormat.values()) {
      RandomPlans plans = RandomPlans.complete(4);
      var options = options(format, 1);
      var first = Exporter.export(plans.problem(), plans.plan(), Path.of("p"), options);
      var second = Exporter.export(plans.problem(), plans.plan(), Path.of("p"), options);
      assertThat(second.files()).hasSameSizeAs(first.files());
      for (int i = 0; i < first.files().size(); i++) {
        assertThat(second.files().get(i).bytes()).isEqualTo(first.files().get(i).bytes());
      }
    }
  }
}
