import { MillraceError } from '@millrace/core'
import type { Field } from 'apache-arrow'
import type { ColumnPolicy } from './add-column.ts'
import { cellAt, cellsOf } from './builders/cells.ts'
import type { PageColumns } from './page-columns.ts'
import { valueExcerpt } from './value-excerpt.ts'

/**
 * Columns that were declared without nulls have none.
 *
 * @throws {MillraceError} `E_NOT_NULL` for the first row that has one, unless the contract discards such rows.
 */
export function checkNulls(page: PageColumns, fields: readonly Field[], { dataType }: ColumnPolicy): void {
  for (const { name, nullable, type } of fields) {
    if (nullable || page.rows.length === 0) continue
    const data = page.data(name)
    if (data?.nullCount === 0) continue
    const { rows, key } = cellsOf(page.rows, name)
    for (let row = 0; row < rows.length; row++) {
      if (data?.getValid(row)) continue
      const value = cellAt(rows, key, row)
      if (dataType === 'discardRow') {
        page.discards.push({ dropped: 'row', reason: 'null', column: name, row, value: value ?? null })
        continue
      }
      const found = value === undefined ? 'nothing' : valueExcerpt(value)
      throw new MillraceError(
        'E_NOT_NULL',
        `row ${row} has ${found} in column "${name}" of type ${type}, which may not be null: let it be nullable, or discard such rows by the contract`,
        { context: { row, column: name } },
      )
    }
  }
}
