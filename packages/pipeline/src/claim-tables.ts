import { MillraceError } from '@millrace/core'
import type { TableRef } from './destination.ts'
import type { Stream } from './source.ts'

/**
 * Makes sure that no table of nested rows has the name of another stream, or of a table that another stream writes.
 *
 * @throws {MillraceError} `E_STREAM_INVALID`
 */
export function claimTables(streams: readonly Stream[]): (table: TableRef) => void {
  const owners = new Map<string, string>()
  for (const { name, table = name } of streams) owners.set(name, name).set(table, name)
  return ({ table, root }) => {
    const owner = owners.get(table)
    const stream = root?.stream ?? table
    if (owner !== undefined && owner !== stream) {
      throw new MillraceError(
        'E_STREAM_INVALID',
        `the nested rows of stream "${stream}" go to table "${table}", and stream "${owner}" has that name or writes that table; give one of the two another table name`,
        { context: { stream, table } },
      )
    }
    owners.set(table, stream)
  }
}
