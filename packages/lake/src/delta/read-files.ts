import { decodeIpc, emptyBatch, encodeIpc } from '@millrace/arrow'
import { readAs, selectRows } from '@millrace/merge'
import { makeData, RecordBatch, Schema, Struct } from 'apache-arrow'
import type { AddFile } from './actions.ts'
import { groupByPartition, partitionBatch, partitionColumns, partitionConstants } from './partition-columns.ts'
import type { Snapshot } from './snapshot.ts'

export interface TableFile {
  /** In the table's folder. */
  readonly name: string
  /** Where it is. */
  readonly path: string
  readonly entry: AddFile
}

/** What it takes to read the files of a table at one version. */
export interface TableFiles {
  readonly table: string
  readonly schema: Schema
  readonly files: readonly TableFile[]
  /** Columns whose values are in the log. */
  readonly partitions: Schema
}

export function tableFiles(
  snapshot: Snapshot,
  schema: Schema,
  table: string,
  locate: (name: string) => string,
): TableFiles {
  const files = [...snapshot.files].map(([name, entry]) => ({ name, path: locate(name), entry }))
  return { table, schema, files, partitions: partitionColumns(snapshot.metadata.partitionColumns, schema, table) }
}

/**
 * The rows of the files, with exactly the columns of the table.
 *
 * Shape:  AsyncIterable<RecordBatch>, columns in the order of the table's schema.
 * Order:  that of the files, then of their rows.
 * Memory: one file, compressed, and one row group.
 * Pulls:  lazy; a file is opened when the one before is read to its end.
 *
 * @param check - Called for each file before it is opened.
 */
export async function* readFiles(
  { table, schema, files, partitions }: TableFiles,
  check?: (file: TableFile) => Promise<void>,
): AsyncGenerator<RecordBatch, undefined> {
  // What is in the log need not be in a file.
  const inFiles = new Schema(schema.fields.map((field) => partitions.fields.find(sameName(field)) ?? field))
  const columns = asRead(schema)
  for (const file of files) {
    await check?.(file)
    for await (const batch of readAs([file.path], inFiles)) {
      if (partitions.fields.length === 0) yield batch
      else {
        const values = partitionBatch(partitions, file.entry, batch.numRows, table)
        yield withValues(batch, asRead(values), columns.schema)
      }
    }
  }
}

function sameName({ name }: { readonly name: string }): (other: { readonly name: string }) => boolean {
  return (other) => other.name === name
}

/** Arrow compares types by class, and what it reads is of other classes than the same types made by hand. */
function asRead(made: Schema | RecordBatch): RecordBatch {
  return decodeIpc(encodeIpc(made instanceof Schema ? emptyBatch(made) : made))
}

function withValues(batch: RecordBatch, values: RecordBatch, schema: Schema): RecordBatch {
  const children = batch.data.children.map((data, index) => {
    const at = values.schema.fields.findIndex(({ name }) => name === schema.fields[index]?.name)
    return values.data.children[at] ?? data
  })
  const type = new Struct(schema.fields)
  return new RecordBatch(schema, makeData({ type, length: batch.numRows, nullCount: 0, children }))
}

/** The same as a query for DuckDB: one part for all files that have the same values in the log. */
export function selectFiles({ table, schema, files, partitions }: TableFiles): string {
  if (files.length === 0 || partitions.fields.length === 0) {
    return selectRows(
      files.map(({ path }) => path),
      schema,
    )
  }
  const parts = groupByPartition(files, ({ entry }) => entry).map((group) => {
    const paths = group.map(({ path }) => path)
    return selectRows(paths, schema, partitionConstants(partitions, group[0].entry, table))
  })
  return parts.join(' UNION ALL ')
}
