/**
 * A name as DuckDB reads it in SQL.
 *
 * @see DuckDB documentation, "Keywords and Identifiers"
 */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text as DuckDB reads it in SQL. Backslashes mean nothing there, so only quotes are doubled. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/**
 * A path that DuckDB is to read. It takes `*`, `?` and `[` for patterns, and knows no escape but a class of one
 * character, so that `a[1].parquet` has to be spelled `a[[]1].parquet`.
 */
export function quotePath(path: string): string {
  return quoteText(path.replaceAll(/[*?[]/g, '[$&]'))
}
