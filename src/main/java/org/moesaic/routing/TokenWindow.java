package org.moesaic.routing;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Explanation;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Limits;

/**
 * Puts tokens together from rows of one layer each, in any order that keeps the rows of a token
 * close enough: token by token, or layer by layer for one batch after the other.
 *
 * <p>Idea: which layers there are, no row says. So tokens stay open until there are many, and those
 * that have every layer known so far then go on, as soon as a token was begun after the last layer
 * turned up. Memory: {@value #MOST_IDS} ids of open tokens, and the numbers of finished tokens as
 * intervals. Guarantee: each token goes on once, with the same layers as all others, or the file is
 * refused.
 */
final class TokenWindow {
  /** Ids of open tokens that are worth a look for finished ones. */
  private static final int FEW_IDS = 1 << 20;

  /** Ids of open tokens that are held, two bytes each. */
  static final int MOST_IDS = 1 << 24;

  /** What an open token takes besides its ids, in ids. */
  private static final int OVERHEAD_IDS = 64;

  private static final int MOST_GAPS = 1 << 19;

  private final OriginTally tally;
  private final Path file;
  private final Places places;
  private final Map<Long, Open> open = new LinkedHashMap<>();
  private final int[] slotOfLayer = new int[Limits.LAYERS];
  private int[] layerOfSlot = new int[8];
  private int slots;
  private int topK = -1;
  private @Nullable Open last;
  private boolean begunSinceNewLayer;
  private long openIds;
  private long nextLook = FEW_IDS;

  /** Numbers of tokens that went on: the ends of intervals, inclusive, by their beginnings. */
  private final TreeMap<Long, Long> gone = new TreeMap<>();

  private long goneFrom = -1;
  private long goneTo = -2;

  /** Counts tokens; null until the layers are known. */
  private @Nullable TokenSink sink;

  /** Where the ids of each layer, ascending, lie in an open token. */
  private int[] slotInOrder = new int[0];

  private int[] ids = new int[0];

  /** Says where rows lie. */
  interface Places {
    /** The row that was read last, as {@link #fault} takes it. */
    long now();

    /** A fault at a row. */
    InvalidInputException fault(long place, String message, String hint);
  }

  TokenWindow(OriginTally tally, Path file, Places places) {
    this.tally = tally;
    this.file = file;
    this.places = places;
    Arrays.fill(slotOfLayer, -1);
  }

  private static final class Open {
    final long token;
    final long place;
    char[] ids = new char[0];
    long[] present = new long[1];
    int count;

    Open(long token, long place) {
      this.token = token;
      this.place = place;
    }

    boolean has(int slot) {
      return slot >> 6 < present.length && (present[slot >> 6] & 1L << slot) != 0;
    }
  }

  /** Takes a row: the first {@code count} of some ids. */
  void row(long token, long layer, int[] chosen, int count) {
    if (token < 0 || token >= Limits.WHOLE_NUMBER) {
      throw here(
          "The token_idx (%d) must be from 0 to 2^53.".formatted(token),
          "Maybe it counts padding.");
    }
    if (layer < 0 || layer >= Limits.LAYERS) {
      throw here(
          "The layer (%d) must be from 0 to %d.".formatted(layer, Limits.LAYERS - 1),
          "Maybe the columns are swapped.");
    }
    if (topK < 0) {
      tally.shape().topK(file, count);
      topK = count;
    } else if (count != topK) {
      throw here(
          "The token %d has %d topk_ids in layer %d, but those before have %d."
              .formatted(token, count, layer, topK),
          "Maybe the row was cut off, or files of different models were joined.");
    }
    if (sink != null && slotOfLayer[(int) layer] < 0) {
      throw here(
          "The layer %d first turns up here, with token %d, but tokens before lack it."
              .formatted(layer, token),
          "Maybe the rows are in an odd order; sort them by token_idx and layer.");
    }
    Open to = last;
    if (to == null || to.token != token) {
      to = find(token, (int) layer);
      last = to;
    }
    int slot = slotOfLayer[(int) layer];
    if (slot < 0) {
      slot = newSlot((int) layer);
    }
    put(to, slot, (int) layer, chosen);
    if (openIds >= nextLook) {
      look();
    }
  }

  private Open find(long token, int layer) {
    Open found = open.get(token);
    if (found == null) {
      if (isGone(token)) {
        throw twice(token, layer);
      }
      found = new Open(token, places.now());
      open.put(token, found);
      openIds += OVERHEAD_IDS;
      begunSinceNewLayer = true;
    }
    return found;
  }

  private int newSlot(int layer) {
    if (slots == layerOfSlot.length) {
      layerOfSlot = Arrays.copyOf(layerOfSlot, 2 * slots);
    }
    layerOfSlot[slots] = layer;
    slotOfLayer[layer] = slots;
    begunSinceNewLayer = false;
    return slots++;
  }

  private void put(Open to, int slot, int layer, int[] chosen) {
    if (to.has(slot)) {
      throw twice(to.token, layer);
    }
    int end = (slot + 1) * topK;
    if (end > to.ids.length) {
      int length = sink != null ? slots * topK : Math.max(end, 2 * to.ids.length);
      openIds += length - to.ids.length;
      to.ids = Arrays.copyOf(to.ids, length);
    }
    if (slot >> 6 >= to.present.length) {
      to.present = Arrays.copyOf(to.present, Math.max(slot >> 6, slots - 1 >> 6) + 1);
    }
    int known = tally.shape().experts();
    int limit = known == 0 ? Limits.EXPERTS_PER_LAYER : known;
    for (int k = 0; k < topK; k++) {
      int id = chosen[k];
      if (id < 0 || id >= limit) {
        throw here(
            "The expert (%d) of token %d in layer %d must be from 0 to %d."
                .formatted(id, to.token, layer, limit - 1),
            id == limit
                ? "Maybe it counts from 1 instead of 0."
                : "Maybe the files are of different models, or the recording is padded.");
      }
      to.ids[slot * topK + k] = (char) id;
    }
    to.present[slot >> 6] |= 1L << slot;
    to.count++;
  }

  /** Lets finished tokens go on. */
  private void look() {
    tally.monitor().look();
    // With one layer only, it may be that the others have not begun.
    if (sink != null || (begunSinceNewLayer && slots > 1) || openIds > MOST_IDS) {
      for (Iterator<Open> each = open.values().iterator(); each.hasNext(); ) {
        Open token = each.next();
        if (token.count == slots) {
          each.remove();
          openIds -= token.ids.length + OVERHEAD_IDS;
          goOn(token);
        }
      }
      last = null;
    }
    if (openIds > MOST_IDS) {
      throw here(
          "There are %d tokens of which not every layer has been read yet, too many to be held in"
                  .formatted(open.size())
              + " memory.",
          "Maybe sort the rows by token_idx and layer.");
    }
    nextLook = openIds + FEW_IDS;
  }

  private void goOn(Open token) {
    TokenSink to = sink;
    if (to == null) {
      to = begin();
      sink = to;
    }
    for (int l = 0; l < slots; l++) {
      int from = slotInOrder[l] * topK;
      for (int k = 0; k < topK; k++) {
        ids[l * topK + k] = token.ids[from + k];
      }
    }
    int wrong = to.token(ids);
    if (wrong >= 0) {
      Explanation why = to.explain(ids, wrong, ids[wrong]);
      throw places.fault(token.place, why.message() + ": token " + token.token + ".", why.hint());
    }
    markGone(token.token);
  }

  private TokenSink begin() {
    var layers = new BitSet();
    for (int slot = 0; slot < slots; slot++) {
      layers.set(layerOfSlot[slot]);
    }
    tally.named(file, layers);
    int[] ascending = layers.stream().toArray();
    if ((long) ascending.length * topK > TokenSink.MOST_CELLS) {
      throw Fault.of(
          file,
          "A token has %d ids, more than %d."
              .formatted((long) ascending.length * topK, TokenSink.MOST_CELLS),
          "Maybe this is no recording of tokens.");
    }
    slotInOrder = Arrays.stream(ascending).map(layer -> slotOfLayer[layer]).toArray();
    ids = new int[ascending.length * topK];
    return new TokenSink(tally, file, ascending, topK);
  }

  private boolean isGone(long token) {
    if (token >= goneFrom && token <= goneTo) {
      return true;
    }
    Map.Entry<Long, Long> below = gone.floorEntry(token);
    return below != null && token <= below.getValue();
  }

  private void markGone(long token) {
    if (token == goneTo + 1) {
      goneTo = token;
      return;
    }
    if (goneTo >= goneFrom) {
      addInterval(goneFrom, goneTo);
    }
    goneFrom = token;
    goneTo = token;
  }

  private void addInterval(long from, long to) {
    long start = from;
    long end = to;
    Map.Entry<Long, Long> below = gone.floorEntry(from);
    if (below != null && below.getValue() == from - 1) {
      start = below.getKey();
    }
    Long above = gone.remove(to + 1);
    if (above != null) {
      end = above;
    }
    gone.put(start, end);
    if (gone.size() > MOST_GAPS) {
      throw here(
          "The numbers of tokens have over %d gaps.".formatted(MOST_GAPS),
          "Maybe number the tokens from 0 on, without gaps.");
    }
  }

  /** Takes the end of the file for the end of its tokens. */
  void finish() {
    if (slots == 0) {
      throw Fault.of(file, "The file has no tokens.", "Maybe it was not written completely.");
    }
    for (Open token : open.values()) {
      if (token.count < slots) {
        throw missing(token);
      }
    }
    open.values().forEach(this::goOn);
    open.clear();
    if (sink != null) {
      sink.finish();
    }
  }

  private InvalidInputException missing(Open token) {
    int layer = Limits.LAYERS;
    for (int slot = 0; slot < slots; slot++) {
      if (!token.has(slot)) {
        layer = Math.min(layer, layerOfSlot[slot]);
      }
    }
    long others = open.values().stream().filter(other -> other.count < slots).count() - 1;
    return places.fault(
        token.place,
        "The token %d, which begins here, lacks layer %d, which other tokens have%s."
            .formatted(
                token.token,
                layer,
                others == 0 ? "" : "; so do or lack another one %d more".formatted(others)),
        "Maybe the file was cut off, or a rank's part of it is missing.");
  }

  private InvalidInputException twice(long token, int layer) {
    return here(
        "The token %d is there twice in layer %d.".formatted(token, layer),
        "Maybe two recordings were joined; give each as a file of its own.");
  }

  private InvalidInputException here(String message, String hint) {
    return places.fault(places.now(), message, hint);
  }
}
