package org.moesaic.generate;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.moesaic.generate.ModelShape.Dtype;
import org.moesaic.problem.Model.Copies;
import org.moesaic.problem.Policy.DomainKind;

/**
 * What to make a problem of. Immutable; {@link #builder()} starts from defaults that make a small
 * serving problem.
 */
public final class GeneratorOptions {
  final @Nullable String name;
  final String model;
  final @Nullable Path modelFile;
  final List<String> offersFiles;
  final Dtype dtype;
  final double stateFactor;
  final boolean training;
  final boolean backbone;
  final double syncsPerHour;
  final double syncWindow;
  final double syncBytesPerParameter;
  final int expertsPerShard;
  final Copies copies;
  final List<String> clouds;
  final List<String> continents;
  final Selection sites;
  final Selection offers;
  final Selection origins;
  final double tokensPerSecond;
  final int streams;
  final double accessBytes;
  final @Nullable Double maxAccessMs;
  final double skew;
  final double specialisation;
  final int samples;
  final double coactivation;
  final double egressScale;
  final double usableCompute;
  final int maxNodes;
  final int minReplicas;
  final @Nullable Integer maxReplicas;
  final Set<DomainKind> survive;
  final @Nullable Double powerCapKw;
  final Residency residency;
  final @Nullable Double maxAddedLatencyMs;
  final double interconnectGbps;
  final @Nullable Double wanGbps;
  final long seed;

  private GeneratorOptions(Builder b) {
    name = b.name;
    model = b.model;
    modelFile = b.modelFile;
    offersFiles = b.offersFiles;
    dtype = b.dtype;
    stateFactor = b.stateFactor;
    training = b.training;
    backbone = b.backbone;
    syncsPerHour = b.syncsPerHour;
    syncWindow = b.syncWindow;
    syncBytesPerParameter = b.syncBytesPerParameter;
    expertsPerShard = b.expertsPerShard;
    copies = b.copies;
    clouds = b.clouds;
    continents = b.continents;
    sites = b.sites;
    offers = b.offers;
    origins = b.origins;
    tokensPerSecond = b.tokensPerSecond;
    streams = b.streams;
    accessBytes = b.accessBytes;
    maxAccessMs = b.maxAccessMs;
    skew = b.skew;
    specialisation = b.specialisation;
    samples = b.samples;
    coactivation = b.coactivation;
    egressScale = b.egressScale;
    usableCompute = b.usableCompute;
    maxNodes = b.maxNodes;
    minReplicas = b.minReplicas;
    maxReplicas = b.maxReplicas;
    survive = b.survive;
    powerCapKw = b.powerCapKw;
    residency = b.residency;
    maxAddedLatencyMs = b.maxAddedLatencyMs;
    interconnectGbps = b.interconnectGbps;
    wanGbps = b.wanGbps;
    seed = b.seed;
  }

  /** Whether replicas would have to agree, and nothing says how often. */
  public boolean trainsWithoutSync() {
    return training && syncsPerHour == 0;
  }

  /** Starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Where origins may be served. */
  public enum Residency {
    /** Anywhere. */
    NONE,
    /** Origins in a member state of the European Union: in member states. Others: anywhere. */
    EU,
    /** Each in its own country. */
    COUNTRY,
    /** Each on its own continent. */
    CONTINENT
  }

  /** Options under construction. Each method sets the option of its name; the last value holds. */
  public static final class Builder {
    private @Nullable String name;
    private String model = "deepseek-v3";
    private @Nullable Path modelFile;
    private List<String> offersFiles = List.of();
    private Dtype dtype = Dtype.FP8;
    private double stateFactor = 1;
    private boolean training;
    private boolean backbone = true;
    private double syncsPerHour;
    private double syncWindow = 1;
    private double syncBytesPerParameter = 2;
    private int expertsPerShard = 1;
    private Copies copies = Copies.PER_EXPERT;
    private List<String> clouds = List.of();
    private List<String> continents = List.of();
    private Selection sites = Selection.ALL;
    private Selection offers = Selection.ALL;
    private Selection origins = new Selection.First(3);
    private double tokensPerSecond = 1000;
    private int streams = 1;
    private double accessBytes;
    private @Nullable Double maxAccessMs;
    private double skew = 0.5;
    private double specialisation = 0.3;
    private int samples;
    private double coactivation = 0.5;
    private double egressScale = 1;
    private double usableCompute = 0.4;
    private int maxNodes = 64;
    private int minReplicas = 1;
    private @Nullable Integer maxReplicas;
    private Set<DomainKind> survive = Set.of();
    private @Nullable Double powerCapKw;
    private Residency residency = Residency.NONE;
    private @Nullable Double maxAddedLatencyMs;
    private double interconnectGbps = 400;
    private @Nullable Double wanGbps;
    private long seed;

    private Builder() {}

    /** What people call the problem; made from the model and the number of origins if absent. */
    public Builder name(String value) {
      name = value;
      return this;
    }

    /** A name among {@link Catalog#models()}. */
    public Builder model(String value) {
      model = value;
      return this;
    }

    /** A {@code config.json} of a model of one's own, in place of a name. */
    public Builder modelFile(Path value) {
      modelFile = value;
      return this;
    }

    /**
     * CSV files of offers of one's own, in place of the table: {@code
     * provider,region,accelerator,usdPerNodeHour} and {@code
     * accelerators,networkGbps,fabric,instance} if need be, or {@code PROVIDER=vms.csv} for a
     * catalogue of SkyPilot.
     */
    public Builder offersFiles(List<String> value) {
      offersFiles = List.copyOf(value);
      return this;
    }

    /** What weights and dispatched hidden states are stored as. */
    public Builder dtype(Dtype value) {
      dtype = value;
      return this;
    }

    /** Memory of an expert in multiples of its weights, &gt; 0; training state is 8 to 16. */
    public Builder stateFactor(double value) {
      stateFactor = require("state factor", value, value > 0, "above 0");
      return this;
    }

    /**
     * Whether calls include the backward pass: three times the operations, and gradients both ways.
     */
    public Builder training(boolean value) {
      training = value;
      return this;
    }

    /**
     * Whether the dense part is placed too; else it runs where tokens start, on nodes that are not
     * counted.
     */
    public Builder backbone(boolean value) {
      backbone = value;
      return this;
    }

    /** Synchronisations of training replicas per hour, &gt;= 0; 0: there is none. */
    public Builder syncsPerHour(double value) {
      syncsPerHour = require("syncs per hour", value, value >= 0, "at least 0");
      return this;
    }

    /** Share of the time between two syncs in which one has to be through, above 0, to 1. */
    public Builder syncWindow(double value) {
      syncWindow = require("sync window", value, value > 0 && value <= 1, "above 0, to 1");
      return this;
    }

    /**
     * Bytes that each parameter exchanges in one sync, each way, &gt;= 0: 2 for BF16, 0.5 for 4
     * bits.
     */
    public Builder syncBytesPerParameter(double value) {
      syncBytesPerParameter = require("sync bytes per parameter", value, value >= 0, "at least 0");
      return this;
    }

    /** Experts placed together, &gt;= 1. */
    public Builder expertsPerShard(int value) {
      expertsPerShard = (int) require("experts per shard", value, value >= 1, "at least 1");
      return this;
    }

    /** What crosses to a site that serves several experts of one token. */
    public Builder copies(Copies value) {
      copies = value;
      return this;
    }

    /** Clouds that offers come from; empty: all. */
    public Builder clouds(List<String> value) {
      clouds = List.copyOf(value);
      return this;
    }

    /** Continents that offers come from; empty: all. */
    public Builder continents(List<String> value) {
      continents = List.copyOf(value);
      return this;
    }

    /** Sites that offers come from, as {@code provider/region}. */
    public Builder sites(Selection value) {
      sites = value;
      return this;
    }

    /** Offers, by id, each with its most nodes if need be: {@code id=12}. */
    public Builder offers(Selection value) {
      offers = value;
      return this;
    }

    /**
     * Sites of origins, as {@code provider/region}, {@code provider/region=tokensPerSecond} or
     * {@code provider/region=tokensPerSecondxSTREAMS}.
     */
    public Builder origins(Selection value) {
      origins = value;
      return this;
    }

    /** Tokens per second of each origin that does not say its own, &gt;= 0. */
    public Builder tokensPerSecond(double value) {
      tokensPerSecond = require("tokens per second", value, value >= 0, "at least 0");
      return this;
    }

    /** Equal streams of each origin that does not say its own, &gt;= 1. */
    public Builder streams(int value) {
      streams = (int) require("streams", value, value >= 1, "at least 1");
      return this;
    }

    /** Bytes of each token between its origin and where it is hosted, each way, &gt;= 0. */
    public Builder accessBytes(double value) {
      accessBytes = require("access bytes", value, value >= 0, "at least 0");
      return this;
    }

    /** Longest round trip to where the first layer is hosted, ms, &gt;= 0; not called: no limit. */
    public Builder maxAccessMs(double value) {
      maxAccessMs = require("most access", value, value >= 0, "at least 0");
      return this;
    }

    /** Exponent of Zipf's law, 0 (all experts alike) to 3. */
    public Builder skew(double value) {
      skew = require("skew", value, value >= 0 && value <= 3, "0 to 3");
      return this;
    }

    /** How much of an origin's calls follows favourites of its own, 0 to 1. */
    public Builder specialisation(double value) {
      specialisation = require("specialisation", value, value >= 0 && value <= 1, "0 to 1");
      return this;
    }

    /**
     * Tokens of each origin whose choices of experts are drawn and written, in place of weights,
     * &gt;= 0; 0: weights.
     */
    public Builder samples(int value) {
      samples = (int) require("sampled tokens", value, value >= 0, "at least 0");
      return this;
    }

    /** How much of a sampled token's choices follows its topic, 0 to 1. */
    public Builder coactivation(double value) {
      coactivation = require("co-activation", value, value >= 0 && value <= 1, "0 to 1");
      return this;
    }

    /**
     * Multiplies all egress prices, &gt;= 0: a committed discount, say, or a network of one's own.
     */
    public Builder egressScale(double value) {
      egressScale = require("egress scale", value, value >= 0, "at least 0");
      return this;
    }

    /**
     * Share of the peak operations per second that a deployment gets out, above 0, to 1: prefill
     * and long batches reach 0.4; DeepSeek-V3's published training, 14.8e12 tokens in 2.788e6 hours
     * of a GPU, 0.16 of the FP8 peak.
     */
    public Builder usableCompute(double value) {
      usableCompute = require("usable compute", value, value > 0 && value <= 1, "above 0, to 1");
      return this;
    }

    /**
     * Most nodes of each offer, &gt;= 1. No provider publishes its stock: this is an assumption.
     */
    public Builder maxNodes(int value) {
      maxNodes = (int) require("most nodes", value, value >= 1, "at least 1");
      return this;
    }

    /** Fewest replicas of a shard, &gt;= 1. */
    public Builder minReplicas(int value) {
      minReplicas = (int) require("fewest replicas", value, value >= 1, "at least 1");
      return this;
    }

    /** Most replicas of a shard, &gt;= 1; not called: unlimited. */
    public Builder maxReplicas(int value) {
      maxReplicas = (int) require("most replicas", value, value >= 1, "at least 1");
      return this;
    }

    /** Kinds of domain whose loss every shard survives. */
    public Builder survive(Set<DomainKind> value) {
      survive = Set.copyOf(value);
      return this;
    }

    /** Most power in each region, kW, &gt;= 0; not called: no cap. */
    public Builder powerCapKw(double value) {
      powerCapKw = require("power cap", value, value >= 0, "at least 0");
      return this;
    }

    /** Where origins may be served. */
    public Builder residency(Residency value) {
      residency = value;
      return this;
    }

    /** Most latency that placement may add, ms, &gt;= 0; not called: no limit. */
    public Builder maxAddedLatencyMs(double value) {
      maxAddedLatencyMs = require("most added latency", value, value >= 0, "at least 0");
      return this;
    }

    /** Capacity of each interconnect of two clouds, each way, 10^9 bits per second, &gt; 0. */
    public Builder interconnectGbps(double value) {
      interconnectGbps = require("interconnect", value, value > 0, "above 0");
      return this;
    }

    /**
     * Capacity of each other way between two sites, each way, 10^9 bits per second, &gt; 0; not
     * called: unlimited. No provider publishes it: this is an assumption.
     */
    public Builder wanGbps(double value) {
      wanGbps = require("capacity of a way", value, value > 0, "above 0");
      return this;
    }

    /** Chooses the routing; the same seed and options give the same bytes. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * The options as set.
     *
     * @throws InvalidOptionException if fewest replicas are more than most
     */
    public GeneratorOptions build() {
      if (maxReplicas != null && maxReplicas < minReplicas) {
        throw new InvalidOptionException(
            "The most replicas (%d) are fewer than the fewest (%d)."
                .formatted(maxReplicas, minReplicas),
            "the two were swapped.");
      }
      if (!backbone && (accessBytes > 0 || maxAccessMs != null)) {
        throw new InvalidOptionException(
            "Bytes or a limit of access have no meaning where the dense part stays with the"
                + " origin.",
            "leave out --no-backbone.");
      }
      return new GeneratorOptions(this);
    }

    private static double require(String what, double value, boolean holds, String range) {
      if (!holds || !Double.isFinite(value)) {
        throw new InvalidOptionException(
            "The %s (%s) is out of range."
                .formatted(what, value == Math.rint(value) ? "%.0f".formatted(value) : value),
            "a number was meant that is %s.".formatted(range));
      }
      return value;
    }
  }
}
