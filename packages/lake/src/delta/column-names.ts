import { MillraceError } from '@millrace/core'
import { DataType, type Field, type Schema } from 'apache-arrow'

/**
 * Delta's rules for column names: none empty, and no two that differ only in case.
 *
 * Names with ` ,;{}()=`, a tab or a line break are stored as they are: the protocol does not forbid them, and DuckDB and
 * delta-rs read such tables and add to them. Spark refuses to write them without column mapping, but with it they would
 * need reader version 2, and be closed to those that read them now. Who loads for Spark has the columns renamed.
 *
 * @throws {MillraceError} `E_COLUMN_NAME` naming the column.
 */
export function checkColumnNames(schema: Schema, table: string): void {
  checkFields(schema.fields, '', table)
}

function checkFields(fields: readonly Field[], path: string, table: string): void {
  const seen = new Map<string, string>()
  for (const { name, type } of fields) {
    const problem = problemOf(name, seen.get(name.toLowerCase()))
    if (problem !== undefined) {
      throw new MillraceError(
        'E_COLUMN_NAME',
        `column ${JSON.stringify(path + name)} of table "${table}" ${problem}; rename it before it is staged`,
        { context: { table, column: path + name } },
      )
    }
    seen.set(name.toLowerCase(), name)
    checkFields(fieldsOf(type), `${path}${name}.`, table)
  }
}

function problemOf(name: string, other: string | undefined): string | undefined {
  if (name === '') return 'has an empty name'
  if (other !== undefined) return `differs from "${other}" only in case, which Delta Lake takes for the same`
  return undefined
}

function fieldsOf(type: DataType): readonly Field[] {
  if (DataType.isStruct(type)) return type.children
  return DataType.isList(type) ? type.children.flatMap((item) => fieldsOf(item.type)) : []
}
