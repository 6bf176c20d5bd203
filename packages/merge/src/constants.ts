import { quoteText } from './quote.ts'

/**
 * Columns that have one value in all rows of a file, whatever the file holds: texts that DuckDB reads as the column's type,
 * null for none.
 */
export type Constants = Readonly<Record<string, string | null>>

export function literalOf(value: string | null | undefined): string {
  return value === null || value === undefined ? 'NULL' : quoteText(value)
}

/** Per column the value of each file, as SQL over a scan of the files: a list, since a CASE would go through all files. */
export function constantsByFile(files: readonly { readonly constants?: Constants }[]): ReadonlyMap<string, string> {
  return new Map(
    Object.keys(files[0]?.constants ?? {}).map((name) => {
      const values = files.map(({ constants }) => literalOf(constants?.[name]))
      return [name, `list_extract(CAST([${values.join(', ')}] AS VARCHAR[]), CAST(file_index AS BIGINT) + 1)`]
    }),
  )
}
