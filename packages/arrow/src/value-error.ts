import { MillraceError } from '@millrace/core'
import { jsonText } from './json-text.ts'
import { kindOf, notJson } from './kind.ts'
import type { UnstorableError } from './unstorable-error.ts'

/** `E_VALUE` for the first value of a column that cannot be stored. */
export function valueError(name: string, values: readonly unknown[], thrown: UnstorableError): MillraceError {
  const row = values.findIndex(isUnstorable)
  return new MillraceError(
    'E_VALUE',
    `row ${row}, column "${name}" holds ${thrown.message}, which no column can store: turn it into a string, a finite number or null first`,
    { context: { row, column: name }, cause: thrown },
  )
}

function isUnstorable(value: unknown): boolean {
  if (kindOf(value) === notJson) return true
  try {
    jsonText(value)
    return false
  } catch {
    return true
  }
}
