package org.moesaic.export;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.moesaic.json.Texts;
import org.moesaic.pack.OfferPacking;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Lease;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Problem;

/** The table of leases, {@value #FILE}: what to lease, and which file is for it. */
final class Leases {
  static final String FILE = "leases.csv";

  static final List<String> HEADER =
      List.of(
          "offer",
          "provider",
          "region",
          "accelerator",
          "nodes",
          "acceleratorsPerNode",
          "accelerators",
          "slotsPerLayer",
          "usdPerHour",
          "powerKw",
          "file");

  private Leases() {}

  static byte[] write(Problem problem, Plan plan, List<OfferPacking> packings, List<String> files) {
    Map<String, Offer> offers =
        problem.offers().stream().collect(Collectors.toMap(Offer::id, offer -> offer));
    Map<String, Lease> leases =
        plan.leases().stream().collect(Collectors.toMap(Lease::offer, lease -> lease));
    var text = new StringBuilder();
    Csv.append(text, HEADER.toArray());
    for (int i = 0; i < packings.size(); i++) {
      OfferPacking packing = packings.get(i);
      Offer offer = Objects.requireNonNull(offers.get(packing.offer()), "the plan fits");
      Lease lease = Objects.requireNonNull(leases.get(packing.offer()), "what holds is leased");
      String accelerator = offer.accelerator();
      Csv.append(
          text,
          offer.id(),
          offer.provider(),
          offer.region(),
          accelerator == null ? "" : accelerator.replaceAll("\\R", " "),
          packing.nodes(),
          packing.acceleratorsPerNode(),
          packing.packing().accelerators(),
          OfferFormat.slots(packing),
          Texts.number(lease.usdPerHour()),
          Texts.number(lease.powerKw()),
          files.get(i));
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
