package org.moesaic.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.moesaic.pack.OfferPacking;

/**
 * A plan as files, in memory.
 *
 * @param format what the files of offers are for
 * @param offers what each file says, in the order of the problem
 * @param files all of them: one for each offer, then {@code leases.csv} and {@code routes.json}
 * @param notes what is worth knowing about them, for people
 */
public record Export(
    ExportFormat format, List<OfferFile> offers, List<Content> files, List<String> notes) {
  public Export {
    offers = List.copyOf(offers);
    files = List.copyOf(files);
    notes = List.copyOf(notes);
  }

  /**
   * The file of one offer.
   *
   * @param packing what it says
   * @param file its name
   * @param usage how an engine is told of it
   */
  public record OfferFile(OfferPacking packing, String file, String usage) {}

  /**
   * One file. Equal only to itself.
   *
   * @param bytes not to be written to
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  public record Content(String name, byte[] bytes) {}

  /**
   * Writes all files into a folder, which is made if it is missing: aside first, then moved into
   * place.
   *
   * @param replace whether files of the same names may be there, and are replaced
   * @throws IllegalArgumentException if the folder cannot be used, saying why and maybe a way out
   * @throws IOException if writing fails; nothing half-written is left
   */
  public void writeTo(Path folder, boolean replace) throws IOException {
    new FolderWriter(folder, replace).write(files);
  }
}
