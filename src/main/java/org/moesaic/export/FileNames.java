package org.moesaic.export;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names of files for ids, which may hold any character: letters, digits, {@code -}, {@code _} and
 * {@code .} stay, every other byte of UTF-8 becomes {@code %} and two digits, as in addresses. So
 * do a dot at the beginning, which would hide the file, and the first letter of what Windows
 * reserves. Long names are cut and end with a digest; names that differ in case alone, which some
 * file systems do not tell apart, get a number.
 */
final class FileNames {
  /** So that name, suffix and what is added while writing stay below 255 bytes. */
  private static final int MAX_CHARS = 160;

  private static final int DIGEST_CHARS = 16;
  private static final Pattern RESERVED =
      Pattern.compile("(con|prn|aux|nul|com[0-9]|lpt[0-9])(\\..*)?", Pattern.CASE_INSENSITIVE);

  private FileNames() {}

  /** One name for each id, in their order; the same ids give the same names. */
  static List<String> of(List<String> ids, String suffix) {
    Set<String> taken = new HashSet<>();
    List<String> names = new ArrayList<>();
    for (String id : ids) {
      String plain = escaped(id);
      String name = plain;
      for (int i = 2; !taken.add(name.toLowerCase(Locale.ROOT)); i++) {
        name = plain + "~" + i;
      }
      names.add(name + suffix);
    }
    return names;
  }

  private static String escaped(String id) {
    byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
    boolean reserved = RESERVED.matcher(id).matches();
    var name = new StringBuilder();
    for (int i = 0; i < bytes.length; i++) {
      char c = (char) (bytes[i] & 0xff);
      boolean first = i == 0 && (c == '.' || reserved);
      if (!first && (isAsciiLetterOrDigit(c) || c == '-' || c == '_' || c == '.')) {
        name.append(c);
      } else {
        name.append('%').append(HexFormat.of().withUpperCase().toHexDigits((byte) c));
      }
    }
    if (name.length() <= MAX_CHARS) {
      return name.toString();
    }
    String digest = HexFormat.of().formatHex(sha256(bytes)).substring(0, DIGEST_CHARS);
    return name.substring(0, MAX_CHARS - DIGEST_CHARS - 1) + "~" + digest;
  }

  private static boolean isAsciiLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }
}
