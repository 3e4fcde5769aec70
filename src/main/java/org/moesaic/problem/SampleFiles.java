package org.moesaic.problem;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.BoundedFile;
import org.moesaic.json.GzipStream;
import org.moesaic.json.Issues;
import org.moesaic.json.Limits;
import org.moesaic.json.Texts;
import org.moesaic.problem.Routing.Sample;

/**
 * Reads the files of samples: gzip over the experts that tokens chose, {@code [token][layer][k]},
 * one byte each, or two, little endian, where a layer has more than 256.
 *
 * <p>Never takes more memory than all samples together may have, nor more than a file of its size
 * can hold.
 */
final class SampleFiles {
  /** What gzip packs into one byte at most: 258 bytes take 2 bits. */
  private static final long MOST_EXPANSION = 1032;

  /** Bytes after which nobody counts how many too many there are. */
  private static final long MOST_REST = 2 * Limits.SAMPLED_CHOICES;

  private final Model model;
  private final ProblemFolder folder;
  private final Issues issues;

  /** Files that were read, by real path and size: several samples may name one. */
  private final Map<Key, SampledTokens> contents = new HashMap<>();

  private long choices;

  private record Key(Path file, long tokens) {}

  SampleFiles(Problem problem, ProblemFolder folder, Issues issues) {
    this.model = problem.model();
    this.folder = folder;
    this.issues = issues;
  }

  /** The samples with their tokens; those whose file is of no use, which is reported, have none. */
  List<Sample> read(List<Sample> samples) {
    var complete = new ArrayList<Sample>();
    for (int i = 0; i < samples.size(); i++) {
      Sample sample = samples.get(i);
      String pointer = Texts.pointer("routing", "samples", i);
      Path file = folder.find(sample.file(), pointer + "/file");
      if (file != null && !issues.touches(pointer + "/tokens")) {
        sample = sample.withChoices(read(file, sample.tokens(), i));
      }
      complete.add(sample);
    }
    return complete;
  }

  private @Nullable SampledTokens read(Path file, long tokens, int index) {
    try (var in = new GzipStream(BoundedFile.open(file, Limits.SAMPLE_BYTES))) {
      var key = new Key(file.toRealPath(), tokens);
      SampledTokens known = contents.get(key);
      if (known == null) {
        known = read(in, file, tokens, index);
        if (known != null) {
          contents.put(key, known);
        }
      }
      return known;
    } catch (GzipStream.BrokenException e) {
      issues.errorAt(file, 0, null, String.valueOf(e.getMessage()), e.hint());
    } catch (IOException e) {
      var why = BoundedFile.explain(e);
      issues.errorAt(file, 0, null, why.message(), why.hint());
    }
    return null;
  }

  private @Nullable SampledTokens read(InputStream in, Path file, long tokens, int index)
      throws IOException {
    long choicesPerToken = (long) model.moeLayers() * model.topK();
    if (tokens > (Limits.SAMPLED_CHOICES - choices) / choicesPerToken) {
      issues.error(
          tokensOf(index),
          tokens,
          "All samples together must not have more than %d choices of experts."
              .formatted(Limits.SAMPLED_CHOICES),
          "Maybe draw fewer tokens; some ten thousand tell as much.");
      return null;
    }
    long bytesPerToken = choicesPerToken * SampledTokens.bytesPerChoice(model);
    // No more than the file can hold, whatever the problem says that it does.
    long expected = Math.min(tokens * bytesPerToken, MOST_EXPANSION * Files.size(file));
    byte[] bytes = new byte[(int) expected];
    long length = in.readNBytes(bytes, 0, bytes.length) + rest(in);
    if (length != tokens * bytesPerToken) {
      reportLength(file, tokens, length, bytesPerToken, index);
      return null;
    }
    choices += tokens * choicesPerToken;
    SampledTokens sampled = SampledTokens.ofBytes((int) tokens, model, bytes);
    return areExperts(sampled, file) ? sampled : null;
  }

  /** Counts what is left, as far as it matters. */
  private static long rest(InputStream in) throws IOException {
    byte[] buffer = new byte[1 << 16];
    long rest = 0;
    for (int read = in.read(buffer); read >= 0 && rest <= MOST_REST; read = in.read(buffer)) {
      rest += read;
    }
    return rest;
  }

  private static String tokensOf(int index) {
    return Texts.pointer("routing", "samples", index, "tokens");
  }

  private void reportLength(Path file, long tokens, long length, long bytesPerToken, int index) {
    if (length > MOST_REST) {
      issues.errorAt(
          file,
          0,
          null,
          "The file must hold %d tokens of %d bytes, but holds over %d bytes."
              .formatted(tokens, bytesPerToken, MOST_REST),
          "Maybe it is of another model.");
    } else if (length % bytesPerToken != 0 || length == 0) {
      issues.errorAt(
          file,
          0,
          null,
          "The file must hold tokens of %d bytes, %d layers of %d choices each, but holds %d bytes."
              .formatted(bytesPerToken, model.moeLayers(), model.topK(), length),
          "Maybe it is of another model.");
    } else {
      issues.error(
          tokensOf(index),
          tokens,
          "The tokens (%d) of sample (%d) must be as many as its file has: %d."
              .formatted(tokens, index, length / bytesPerToken),
          "Maybe the file was made anew since.");
    }
  }

  /**
   * Whether all choices are experts of the model, each once in a layer; reports the first fault.
   */
  private boolean areExperts(SampledTokens sampled, Path file) {
    int experts = model.expertsPerLayer();
    int[] lastRow = new int[experts]; // in which an expert was chosen, counted from 1
    int row = 0;
    for (int token = 0; token < sampled.tokens(); token++) {
      for (int layer = 0; layer < sampled.layers(); layer++) {
        row++;
        for (int k = 0; k < sampled.topK(); k++) {
          int expert = sampled.expert(token, layer, k);
          if (expert >= experts) {
            issues.errorAt(
                file,
                0,
                expert,
                "The expert (%d) that token (%d) chose in layer (%d) must be less than %d."
                    .formatted(expert, token, layer, experts),
                expert == experts
                    ? "Maybe experts are counted from 1 instead of 0."
                    : "Maybe the file is of another model.");
            return false;
          }
          if (lastRow[expert] == row) {
            issues.errorAt(
                file,
                0,
                expert,
                "The expert (%d) must not be there twice in layer (%d) of token (%d)."
                    .formatted(expert, layer, token),
                "Maybe the file is of a model with another topK or other layers.");
            return false;
          }
          lastRow[expert] = row;
        }
      }
    }
    return true;
  }
}
