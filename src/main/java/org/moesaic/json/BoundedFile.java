package org.moesaic.json;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Opens files that strangers wrote: regular ones only, no larger than a limit, in strict UTF-8. */
public final class BoundedFile {
  private BoundedFile() {}

  /** A file is too large, or no regular file; its message says so to the user. */
  public static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }

  /**
   * Opens a file.
   *
   * @param maxBytes most bytes; more end the stream with a {@link RefusedException}, even if the
   *     file grows meanwhile
   * @throws IOException if the file is too large, is no regular file, or cannot be opened
   */
  public static InputStream open(Path file, long maxBytes) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    if (!Files.isRegularFile(file)) {
      throw new RefusedException("This is not a regular file.");
    }
    long size = Files.size(file);
    if (size > maxBytes) {
      throw tooLarge(maxBytes);
    }
    return new BoundedStream(Files.newInputStream(file), maxBytes);
  }

  /**
   * Decodes UTF-8, without its byte order mark; malformed input is an error instead of a
   * replacement character.
   */
  public static Reader utf8(InputStream in) throws IOException {
    var decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    var reader = new java.io.PushbackReader(new InputStreamReader(in, decoder), 1);
    int first = reader.read();
    if (first >= 0 && first != BYTE_ORDER_MARK) {
      reader.unread(first);
    }
    return reader;
  }

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  /** Says why a file cannot be read. */
  public static Explanation explain(IOException failure) {
    return switch (failure) {
      case RefusedException e ->
          new Explanation(String.valueOf(e.getMessage()), "Maybe another file is meant.");
      case NoSuchFileException e ->
          new Explanation(
              "There is no such file.",
              "Maybe its path is mistyped; relative paths start where the program does.");
      case java.nio.file.AccessDeniedException e ->
          new Explanation("The file must be readable.", "Maybe its permissions are too strict.");
      case CharacterCodingException e ->
          new Explanation(
              "The file must be UTF-8.",
              "Maybe it was saved as UTF-16 or Latin-1, or is compressed.");
      default ->
          new Explanation(
              "The file cannot be read: " + failure.getMessage() + ".",
              "Maybe the disk knows more.");
    };
  }

  private static RefusedException tooLarge(long maxBytes) {
    return new RefusedException(
        "The file must not be larger than %d MiB.".formatted(maxBytes >> 20));
  }

  private static final class BoundedStream extends FilterInputStream {
    private final long maxBytes;
    private long left;

    BoundedStream(InputStream in, long maxBytes) {
      super(in);
      this.maxBytes = maxBytes;
      this.left = maxBytes;
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      count(read < 0 ? 0 : 1);
      return read;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = super.read(buffer, offset, length);
      count(read);
      return read;
    }

    private void count(int read) throws IOException {
      left -= Math.max(0, read);
      if (left < 0) {
        throw tooLarge(maxBytes);
      }
    }
  }
}
