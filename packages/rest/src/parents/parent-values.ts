import { type JsonValue, MillraceError, type Row } from '@millrace/core'
import { toStoredJson } from '../reading/json-values.ts'
import { compileReader } from '../select/selector.ts'
import type { ParentLink } from './parent-link.ts'

/** What a child knows of one row of its parent. Plain JSON, because it is stored until the row's turn has come. */
export interface ParentValues {
  /** By path, in the order of `ParentLink.paths`. */
  readonly paths: readonly JsonValue[]
  /** By field, in the order of `ParentLink.include`. */
  readonly include: readonly JsonValue[]
}

/** Takes from rows of a parent what its child needs. */
export type TakeParentValues = (rows: readonly Row[], url: string | undefined) => ParentValues[]

/** @throws {MillraceError} `E_PARENT_FIELD` from the function, naming the row and the keys it has. */
export function createTakeParentValues({ parent, paths, include }: ParentLink, child: string): TakeParentValues {
  const readers = paths.map((path) => compileReader(path))

  function missing(row: Row, index: number, field: string, url: string | undefined): MillraceError {
    const keys = Object.keys(row).slice(0, 20).join(', ') || 'none'
    const from = url === undefined ? '' : ` of ${url}`
    return new MillraceError(
      'E_PARENT_FIELD',
      `row ${index} (counted from 0) of "${parent}"${from} has no "${field}", which "${child}" reads from it; its keys: ${keys}`,
      { context: { stream: parent, row: index, child, field, url } },
    )
  }

  return (rows, url) =>
    rows.map((row, index) => ({
      paths: readers.map((read, at) => {
        const value = read(row)
        if (value === undefined) throw missing(row, index, paths[at] ?? '', url)
        return toStoredJson(value)
      }),
      include: include.map((field) => {
        if (!Object.hasOwn(row, field)) throw missing(row, index, field, url)
        return toStoredJson(row[field])
      }),
    }))
}
