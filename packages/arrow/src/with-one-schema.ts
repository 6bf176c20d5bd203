import { MillraceError } from '@millrace/core'
import { type Field, type RecordBatch, Schema } from 'apache-arrow'

export interface OneSchemaOptions {
  /** The columns, where they are known. Default: those of the batches that make up the first `rows` rows. */
  readonly schema?: Schema | undefined
  /** Rows to hold back until the columns are settled. */
  readonly rows: number
  /** The option that sets `rows`, for the message of `E_SCHEMA_CHANGED`. */
  readonly rowsOption: string
}

/**
 * Settles on one schema for all batches of a source, as a file needs, and hands both to `use`.
 *
 * Batches that come later may lack columns, but not add any. They are handed on as they are: see {@link conformBatch}.
 *
 * Shape:  AsyncIterable<RecordBatch> → what `use` gives.
 * Order:  that of `use`; the batches keep theirs.
 * Memory: the batches of the first `rows` rows.
 * Pulls:  lazy; the first `rows` rows at once, then as `use` does. On early exit calls `return()` on the source.
 *
 * @throws {MillraceError} `E_NO_ROWS` where the source is empty and no `schema` says what the file would hold;
 *   `E_SCHEMA_CHANGED` for a new column after the first rows.
 */
export async function* withOneSchema<Out>(
  source: AsyncIterable<RecordBatch>,
  options: OneSchemaOptions,
  use: (schema: Schema, batches: AsyncIterable<RecordBatch>) => AsyncIterable<Out>,
): AsyncGenerator<Out, undefined> {
  const iterator = source[Symbol.asyncIterator]()
  let isOver = false

  async function next(): Promise<RecordBatch | undefined> {
    isOver = true
    const { done, value } = await iterator.next()
    isOver = done === true
    return done ? undefined : value
  }

  async function* all(first: readonly RecordBatch[], schema: Schema): AsyncGenerator<RecordBatch, undefined> {
    yield* first
    const names = new Set(schema.fields.map(({ name }) => name))
    for (let batch = await next(); batch; batch = await next()) {
      for (const { name } of batch.schema.fields) if (!names.has(name)) throw schemaChanged(name, options.rowsOption)
      yield batch
    }
  }

  try {
    const first: RecordBatch[] = []
    for (let rows = 0; !options.schema && rows < options.rows; ) {
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
    for (const field of batch.schema.fields) if (!fields.has(field.name)) fields.set(field.name, field)
  }
  return new Schema([...fields.values()])
}

function schemaChanged(column: string, rowsOption: string): MillraceError {
  return new MillraceError(
    'E_SCHEMA_CHANGED',
    `column "${column}" first appeared after the first rows were written, and one file has one schema: pass a \`schema\` with all columns, a larger \`${rowsOption}\`, or write to a lake, whose tables can grow`,
    { context: { column } },
  )
}
