import { MillraceError } from '@millrace/core'
import type { ObjectStore } from '../store/object-store.ts'

/** Says that a folder holds no version of a table, or not any more. */
export function noTable(table: string, store: ObjectStore): MillraceError {
  return new MillraceError('E_TABLE_NOT_FOUND', `there is no version of a table in ${store.location}`, {
    context: { table, path: store.location },
  })
}
