import { MillraceError, wholeNumber } from '@millrace/core'
import { type Field, type RecordBatch, Schema } from 'apache-arrow'
import { newMembers, widerType, withType } from './wider-type.ts'

/** Rows looked at for columns: a row of most APIs comes with all its keys, and nothing is written before these are there. */
export const defaultSchemaRows = 16_384

export interface OneSchemaOptions {
  /** The columns, where they are known. Default: those of the batches that make up the first `schemaRows` rows. */
  readonly schema?: Schema | undefined
  /** Rows held back until the columns are settled. Default {@link defaultSchemaRows}; 1 for a stream that is to flow at once. */
  readonly schemaRows?: number | undefined
}

/**
 * Settles on one schema for all batches of a source, as a file needs, and hands both to `use`.
 *
 * Batches that come later may lack columns, but not add any. They are handed on as they are: see {@link conformBatch}.
 *
 * Shape:  AsyncIterable<RecordBatch> → what `use` gives.
 * Order:  that of `use`; the batches keep theirs.
 * Memory: the batches of the first `schemaRows` rows, until they are taken.
 * Pulls:  lazy; the first `schemaRows` rows at once, then as `use` does. On early exit calls `return()` on the source.
 *
 * @throws {MillraceError} `E_NO_ROWS` where the source is empty and no `schema` says what the file would hold;
 *   `E_SCHEMA_CHANGED` for a new column after the first rows.
 */
export async function* withOneSchema<Out>(
  source: AsyncIterable<RecordBatch>,
  options: OneSchemaOptions,
  use: (schema: Schema, batches: AsyncIterable<RecordBatch>) => AsyncIterable<Out>,
): AsyncGenerator<Out, undefined> {
  const { schemaRows = defaultSchemaRows } = options
  wholeNumber('schemaRows', schemaRows, 1)
  const iterator = source[Symbol.asyncIterator]()
  let isOver = false

  async function next(): Promise<RecordBatch | undefined> {
    isOver = true
    const { done, value } = await iterator.next()
    isOver = done === true
    return done ? undefined : value
  }

  async function* all(first: RecordBatch[], schema: Schema): AsyncGenerator<RecordBatch, undefined> {
    for (let batch = first.shift(); batch; batch = first.shift()) yield batch
    const fields = new Map(schema.fields.map((field) => [field.name, field]))
    let checked: Schema | undefined
    for (let batch = await next(); batch; batch = await next()) {
      if (batch.schema !== checked) for (const field of batch.schema.fields) refuseNew(field, fields.get(field.name))
      checked = batch.schema
      yield batch
    }
  }

  try {
    const first: RecordBatch[] = []
    for (let rows = 0; !options.schema && rows < schemaRows; ) {
      const batch = await next()
      if (!batch) break
      first.push(batch)
      rows += batch.numRows
    }
    const schema = options.schema ?? schemaOf(first)
    yield* use(schema, all(first, schema))
  } finally {
    if (!isOver) await iterator.return?.()
  }
}

/** All columns of all batches, in order of first appearance. */
function schemaOf(batches: readonly RecordBatch[]): Schema {
  if (batches.length === 0) {
    throw new MillraceError(
      'E_NO_ROWS',
      'there are no rows, so nobody knows the columns of the file: pass a `schema` to write an empty file',
    )
  }
  const fields = new Map<string, Field>()
  for (const batch of batches) {
    for (const field of batch.schema.fields) {
      const known = fields.get(field.name)
      const wider = known && widerType(known.type, field.type)
      if (!known) fields.set(field.name, field)
      else if (wider && wider !== known.type) fields.set(field.name, withType(known, wider))
    }
  }
  return new Schema([...fields.values()])
}

/** A column of another type is let through: who writes it says what is wrong. */
function refuseNew({ name, type }: Field, known: Field | undefined): void {
  if (!known) throw schemaChanged(name)
  const [member] = newMembers(name, known.type, widerType(known.type, type) ?? known.type)
  if (member) throw schemaChanged(member.name)
}

function schemaChanged(column: string): MillraceError {
  return new MillraceError(
    'E_SCHEMA_CHANGED',
    `column "${column}" first appeared after the first rows were written, and one file has one schema: pass a \`schema\` with all columns, a larger \`schemaRows\`, or write to a lake, whose tables can grow`,
    { context: { column } },
  )
}
