import { MillraceError } from '@millrace/core'
import { DataType, type Field, type Schema } from 'apache-arrow'

/** Characters that Spark and Delta refuse in a column's name where a table has no column mapping. */
const forbidden = /[ ,;{}()\n\t=]/

/**
 * Delta's rules for column names: none of ` ,;{}()=`, tab or line break, none empty, and no two that differ only in case.
 *
 * @throws {MillraceError} `E_COLUMN_NAME` naming the column.
 * @see Delta Lake protocol, "Column Mapping": what tables without it cannot store
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
  const found = forbidden.exec(name)?.[0]
  if (found !== undefined) return `has ${JSON.stringify(found)} in its name, which Delta Lake does not store`
  if (other !== undefined) return `differs from "${other}" only in case, which Delta Lake takes for the same`
  return undefined
}

function fieldsOf(type: DataType): readonly Field[] {
  if (DataType.isStruct(type)) return type.children
  return DataType.isList(type) ? type.children.flatMap((item) => fieldsOf(item.type)) : []
}
