/** How the body of an answer is written: one JSON value, one JSON value a line, or a table with a header line. */
export type BodyFormat = 'json' | 'ndjson' | 'csv'

/**
 * Media types that say what a body is. Not `application/json-seq`: its records start with a control character (RFC 7464).
 */
const formats: Readonly<Record<string, BodyFormat>> = {
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/jsonlines': 'ndjson',
  'text/csv': 'csv',
}

/** Others are welcome too, because servers that know one format only may refuse a request that names another. */
const accepted: Readonly<Record<BodyFormat, string>> = {
  json: 'application/json',
  ndjson: 'application/x-ndjson, */*;q=0.1',
  csv: 'text/csv, */*;q=0.1',
}

/** The format that a `content-type` names; JSON for all that is not known, because many APIs send none or a wrong one. */
export function formatOf(contentType: string | null): BodyFormat {
  const [mediaType = ''] = (contentType ?? '').split(';', 1)
  return formats[mediaType.trim().toLowerCase()] ?? 'json'
}

/** The `accept` header for a format. */
export function acceptOf(format: BodyFormat = 'json'): string {
  return accepted[format]
}
