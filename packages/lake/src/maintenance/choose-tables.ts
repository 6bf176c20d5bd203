import { MillraceError } from '@millrace/core'
import { tableNames } from '../delta/table-names.ts'
import { safeName } from '../disk/safe-name.ts'
import type { ObjectStore } from '../store/object-store.ts'

/**
 * The tables that something is to be done to: the one asked for, or all.
 *
 * @throws {MillraceError} `E_TABLE_NOT_FOUND`
 */
export async function chooseTables(lake: ObjectStore, asked: string | undefined): Promise<readonly string[]> {
  const names = await tableNames(lake)
  if (asked === undefined) return names
  if (names.includes(safeName(asked))) return [asked]
  throw new MillraceError(
    'E_TABLE_NOT_FOUND',
    `there is no table "${asked}" in ${lake.location}; ${names.length === 0 ? 'the lake is empty' : `its tables are ${names.join(', ')}`}`,
    { context: { table: asked, path: lake.location } },
  )
}
