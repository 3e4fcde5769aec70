package org.moesaic.json;

/**
 * Every limit on what is read. They keep memory and time bounded whatever a file holds; no real
 * deployment comes near them. A file beyond one is refused with an issue that names the limit.
 */
public final class Limits {
  /** Bytes of one JSON file: 256 MiB. */
  public static final long JSON_BYTES = 256L << 20;

  /** Bytes of one CSV file: 256 MiB. */
  public static final long CSV_BYTES = 256L << 20;

  /** Bytes of all CSV files of one problem: 1 GiB. */
  public static final long ALL_CSV_BYTES = 1L << 30;

  /** Characters of one line of a CSV file. */
  public static final int CSV_LINE_CHARS = 1_000;

  /** Errors after which the rest of a CSV file is not looked at. */
  public static final int CSV_ERRORS = 20;

  /** Bytes of one sample file, packed: 1 GiB. */
  public static final long SAMPLE_BYTES = 1L << 30;

  /** Choices of experts in all samples of one problem: 2^28. */
  public static final long SAMPLED_CHOICES = 1L << 28;

  /** Objects and arrays within each other. */
  public static final int DEPTH = 32;

  /** Characters of one text or field name. */
  public static final int TEXT_CHARS = 4_096;

  /** Characters of one number. */
  public static final int NUMBER_CHARS = 256;

  /** The greatest whole number: up to it, every JSON library reads the same, 2^53. */
  public static final long WHOLE_NUMBER = 1L << 53;

  /**
   * The greatest number that is not whole by its type. The largest products of the model, of three
   * such numbers, are then finite.
   */
  public static final double NUMBER = 1e30;

  /** The least that a node, or an expert, can be said to have of anything: less is a slip. */
  public static final double LEAST_CAPACITY = 1e-12;

  /** Elements of a list where its field states no limit of its own. */
  public static final int LIST_ELEMENTS = 1 << 22;

  /** Elements of all lists of one JSON file, numbers of matrices aside: 2^24. */
  public static final int ELEMENTS = 1 << 24;

  /** Different texts of one JSON file: 2^20. */
  public static final int TEXTS = 1 << 20;

  /** Errors that are kept; further ones are counted, up to {@link #ERRORS_COUNTED}. */
  public static final int ERRORS_KEPT = 200;

  /** Errors after which nothing more is read or checked. */
  public static final int ERRORS_COUNTED = 10_000;

  /** Warnings that are kept; further ones are counted. */
  public static final int WARNINGS_KEPT = 50;

  /** Characters of an offending value that an issue repeats. */
  public static final int VALUE_CHARS_SHOWN = 60;

  /** Regions of a problem. */
  public static final int REGIONS = 4_096;

  /** Providers of a problem. */
  public static final int PROVIDERS = 1_024;

  /** Links of a problem. */
  public static final int LINKS = 1 << 18;

  /** Offers of a problem. */
  public static final int OFFERS = 4_096;

  /** Origins of a problem. */
  public static final int ORIGINS = 4_096;

  /** Streams of an origin. */
  public static final int STREAMS = 1 << 20;

  /** Loads, and as many samples, of a problem: one for each origin, and one for all. */
  public static final int LOADS = 4_097;

  /** Pins, and as many bans, of a problem. */
  public static final int SELECTORS = 1 << 16;

  /** MoE layers of a model. */
  public static final int LAYERS = 4_096;

  /** Experts of one layer. */
  public static final int EXPERTS_PER_LAYER = 65_536;

  /** Experts of all layers: 2^22. */
  public static final long EXPERTS = 1L << 22;

  /** Experts of all layers times origins, and weights of all loads: 2^26. */
  public static final long CELLS = 1L << 26;

  private Limits() {}
}
