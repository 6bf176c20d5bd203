import { createHash } from 'node:crypto'
import { emptyBatch, encodeIpc } from '@millrace/arrow'
import { asSchema, type SchemaHints } from './schema-hints.ts'

/** A digest of all that decides how columns are made of rows. Empty where nothing is said. */
export function schemaDigest(hints: SchemaHints | undefined): string {
  if (hints === undefined) return ''
  const { columns, contract, nested, maxNesting, names } = hints
  const hash = createHash('sha256').update(JSON.stringify([nested, maxNesting, names, contract]))
  if (columns) hash.update(encodeIpc(emptyBatch(asSchema(columns))))
  return hash.digest('hex')
}
