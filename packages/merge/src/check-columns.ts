import { MillraceError } from '@millrace/core'
import { DataType, type Field, type Schema } from 'apache-arrow'

/** What DuckDB calls the place of a row. A column of that name would hide it, and the order of rows with it. */
const reserved = new Set(['file_index', 'file_row_number'])

/**
 * DuckDB compares names without case, so `userId` and `userid` would be one column: refuse rather than lose one.
 *
 * @throws {MillraceError} `E_COLUMN_NAME` naming the column.
 */
export function checkColumns(schema: Schema): void {
  for (const { name } of schema.fields) {
    if (!reserved.has(name.toLowerCase())) continue
    throw new MillraceError('E_COLUMN_NAME', `column "${name}" cannot be merged: DuckDB uses that name; rename it`, {
      context: { column: name },
    })
  }
  checkCase(schema.fields, '')
}

function checkCase(fields: readonly Field[], path: string): void {
  const seen = new Map<string, string>()
  for (const { name, type } of fields) {
    const folded = name.toLowerCase()
    const other = seen.get(folded)
    if (other !== undefined) {
      throw new MillraceError(
        'E_COLUMN_NAME',
        `columns "${path}${other}" and "${path}${name}" differ only in case and cannot be merged; rename one of them`,
        { context: { column: `${path}${name}` } },
      )
    }
    seen.set(folded, name)
    checkCase(nested(type), `${path}${name}.`)
  }
}

function nested(type: DataType): readonly Field[] {
  if (DataType.isStruct(type)) return type.children
  return DataType.isList(type) ? type.children.flatMap((item) => nested(item.type)) : []
}
