import { MillraceError } from '@millrace/core'
import { type Data, DataType, type Field, type RecordBatch, type Schema } from 'apache-arrow'

/**
 * Holds the rows of a batch to the columns that may not be null, those inside of structs and lists too: Delta Lake leaves
 * that to the writer.
 *
 * @throws {MillraceError} `E_NOT_NULL` with the row's place in the batch and the column.
 */
export function checkNotNull(schema: Schema, batch: RecordBatch, table: string): void {
  for (const field of schema.fields) {
    if (batch.numRows === 0 || !isStrict(field)) continue
    const index = batch.schema.fields.findIndex(({ name }) => name === field.name)
    const data = batch.data.children[index]
    const row = data ? firstMissing(field, data, undefined) : 0
    if (row === undefined) continue
    throw new MillraceError(
      'E_NOT_NULL',
      `row ${row} (counted from 0) of the page has no value in column "${field.name}" of table "${table}", or in one inside of it that may not be null; let the column be nullable, or keep such rows out`,
      { context: { table, column: field.name, row } },
    )
  }
}

function isStrict({ nullable, type }: Field): boolean {
  return !nullable || ((DataType.isStruct(type) || DataType.isList(type)) && type.children.some(isStrict))
}

/** The first place of a null that should not be. A member of an object that is null itself is none. */
function firstMissing(field: Field, data: Data, isThere: ((index: number) => boolean) | undefined): number | undefined {
  const { type } = data
  if (!field.nullable && data.nullCount > 0) {
    for (let index = 0; index < data.length; index++) {
      if (!data.getValid(index) && isThere?.(index) !== false) return index
    }
  }
  for (const [child, inside] of type.children?.entries() ?? []) {
    const values = data.children[child]
    if (values === undefined || !isStrict(inside)) continue
    if (DataType.isStruct(type)) {
      const found = firstMissing(inside, values, (index) => data.getValid(index))
      if (found !== undefined) return found
    } else {
      const found = firstMissing(inside, values, undefined)
      if (found !== undefined) return data.valueOffsets.findIndex((offset: number) => offset > found) - 1
    }
  }
  return undefined
}
