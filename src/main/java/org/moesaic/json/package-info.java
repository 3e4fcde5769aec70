/**
 * Files as records: reads JSON into records, writes it back and says its JSON Schema, all three
 * from the same record declarations and the annotations on their components. Knows no particular
 * file.
 *
 * <p>A format is a record with {@link org.moesaic.json.Format @Format}; then
 *
 * <pre>{@code
 * var issues = new Issues(file);
 * Document<Plan> document = RecordReader.of(Plan.class).read(file, issues); // null: no document at all
 * // …checks across fields report to the same issues, by JSON pointer…
 * issues.throwIfErrors();
 *
 * AtomicFiles.write(file, out -> RecordWriter.of(Plan.class).write(plan, out));
 * String schema = JsonSchema.of(Plan.class);
 * }</pre>
 *
 * <p>Components may be {@code String}, {@code int}, {@code long}, {@code double} and their boxes,
 * {@code boolean}, enums (written {@code lowerCamel}), {@code LocalDate}, records, {@code List},
 * {@code Set} of enums, {@code Map} from strings, and classes that name a codec with {@link
 * org.moesaic.json.UseCodec @UseCodec}. A component is required unless it is {@code @Nullable} or
 * has a {@link org.moesaic.json.Default @Default}; an explicit {@code null} is always an error.
 */
@NullMarked
package org.moesaic.json;

import org.jspecify.annotations.NullMarked;
