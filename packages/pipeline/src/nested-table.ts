import type { RootRef, TableRef } from './destination.ts'

/** A table of nested rows of a stream: what is said of the rows of the stream (key, merge, partitions) is not said of these. */
export function nestedTable(
  { primaryKey: _, merge: __, partitionBy: ___, ...root }: TableRef,
  { stream, table }: RootRef,
): TableRef {
  return { ...root, stream, table, primaryKey: [], root: { stream: root.stream, table: root.table } }
}
