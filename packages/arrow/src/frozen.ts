import { MillraceError } from '@millrace/core'
import type { DataType } from 'apache-arrow'
import { valueExcerpt } from './value-excerpt.ts'

export interface Frozen {
  readonly row: number
  readonly column: string
  readonly value: unknown
  /** Of the column; missing where there is none. */
  readonly type?: DataType | undefined
}

/** `E_SCHEMA_FROZEN`: the contract wants an error where rows do not fit the columns. */
export function frozen({ row, column, value, type }: Frozen): MillraceError {
  const problem =
    type === undefined
      ? `brings a column "${column}" (${valueExcerpt(value)}), and the contract freezes columns`
      : `has ${valueExcerpt(value)} in column "${column}" of type ${type}, and the contract freezes data types`
  return new MillraceError(
    'E_SCHEMA_FROZEN',
    `row ${row} ${problem}: declare the column, let the schema evolve, or discard what does not fit`,
    { context: { row, column } },
  )
}
