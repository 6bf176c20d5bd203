import { type JsonValue, MillraceError, type Row } from '@millrace/core'
import { toStoredJson } from '../reading/json-values.ts'
import { compileReader } from '../select/selector.ts'
import type { ParentLink } from './parent-link.ts'

/**
 * What a child knows of one row of its parent: the values of `ParentLink.paths`, then those of `ParentLink.include`.
 *
 * Plain JSON and nothing but the values, because the rows of a page whose turn has not come are stored with every page.
 */
export type ParentValues = readonly JsonValue[]

/** Those that the child asks with, and that tell one row of the parent from another. */
export function identityOf(values: ParentValues, { paths }: ParentLink): readonly JsonValue[] {
  return values.slice(0, paths.length)
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
    rows.map((row, index) => [
      ...readers.map((read, at) => {
        const value = read(row)
        if (value === undefined) throw missing(row, index, paths[at] ?? '', url)
        return toStoredJson(value)
      }),
      ...include.map((field) => {
        if (!Object.hasOwn(row, field)) throw missing(row, index, field, url)
        return toStoredJson(row[field])
      }),
    ])
}
