import { createTableSplitter, type TableRows } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import type { TableRef } from '@millrace/pipeline'
import { textOf } from './merge-oracle.ts'

/** What a row of the stream's own table was made of. No column of it: a row is no other for it. */
const document = Symbol('document')

/** The tables of a page of documents, as they are made of a stream that merges. */
export function splitDocuments({ table }: TableRef, documents: readonly Row[]): readonly TableRows[] {
  const [root, ...nested] = createTableSplitter({ table, contentIds: true }).split(documents)
  const rows = (root?.rows ?? []).map((row, index) => ({ ...row, [document]: documents[index] }))
  return [{ table, rows }, ...nested]
}

export function documentOf(row: Row): Row {
  return (row as { readonly [document]?: Row })[document] ?? {}
}

/** The tables of lists in documents such as `{ tags: [''], items: [{ sizes: [1] }] }`. */
export function nestedNames({ table }: TableRef): readonly string[] {
  return ['tags', 'items', 'items__sizes'].map((name) => `${table}__${name}`)
}

export function nestedRef({ primaryKey: _, merge: __, partitionBy: ___, ...root }: TableRef, name: string): TableRef {
  return { ...root, stream: name, table: name, primaryKey: [], root: { stream: root.stream, table: root.table } }
}

/**
 * What one of the tables has to hold where these are the rows of the stream's own table, as sorted texts. Versions of a row that
 * are the same share what is nested in them.
 */
export function nestedOf(table: TableRef, name: string, rows: readonly Row[]): readonly string[] {
  const found = splitDocuments(table, rows.map(documentOf)).find((each) => each.table === name)
  return [...new Set((found?.rows ?? []).map((row) => textOf(row)))].sort()
}
