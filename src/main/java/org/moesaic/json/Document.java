package org.moesaic.json;

/**
 * A file that was read to its end.
 *
 * @param value what it says; if issues were reported, it may hold placeholders and must not leave
 *     the reader
 * @param sha256 lower-case hex SHA-256 of the file's bytes
 * @param <T> the record of its format
 */
public record Document<T extends Record>(T value, String sha256) {}
