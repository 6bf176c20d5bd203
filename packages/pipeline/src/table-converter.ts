import { createConverter, type Discard } from '@millrace/arrow'
import { type Emit, isMillraceError, type Row, rewordError } from '@millrace/core'
import type { RecordBatch, Schema } from 'apache-arrow'
import { checkKey } from './check-key.ts'
import { declareColumns } from './declare-columns.ts'
import type { TableRef } from './destination.ts'
import { groupDiscards } from './group-discards.ts'
import type { SchemaHints } from './schema-hints.ts'

export interface TableConverterOptions {
  readonly table: TableRef
  /** Columns of the table: committed, then staged. */
  readonly present: Schema | undefined
  readonly hints: SchemaHints
  /** Whether {@link present} is what the first run of the table staged before it died: no table to hold rows to. */
  readonly isFirstRun: boolean
  readonly emit: Emit
}

/** Turns the rows of one table into record batches, page after page. */
export interface TableConverter {
  readonly table: TableRef
  convert(rows: readonly Row[]): RecordBatch
}

/** A converter that goes on from the columns its table has, and those that are declared. */
export function createTableConverter(options: TableConverterOptions): TableConverter {
  const { table, present, hints, isFirstRun, emit } = options
  const { stream, root } = table
  const columns = root ? undefined : declareColumns({ hints, present, table: table.table })
  let discards: Discard[] = []
  const converter = createConverter({
    ...(present && { schema: present }),
    ...(columns && { columns }),
    ...(hints.contract && { contract: hints.contract }),
    isNewTable: present === undefined || isFirstRun,
    nested: hints.nested === undefined || hints.nested === 'native' ? 'native' : 'json',
    onColumn: ({ name, type }) => {
      const column = root ? `${table.table}.${name}` : name
      emit({ type: 'column-added', stream: root?.stream ?? stream, column, dataType: String(type) })
    },
    onDiscard: (discard) => discards.push(discard),
  })

  function convert(rows: readonly Row[]): RecordBatch {
    discards = []
    const batch = converter.convert(rows)
    if (table.disposition === 'merge') checkKey(batch, rows, table, (index) => placeOf(index, rows.length, discards))
    for (const group of groupDiscards(discards)) {
      emit({ type: 'discarded', stream: root?.stream ?? stream, table: table.table, ...group })
    }
    return batch
  }

  return Object.freeze({
    table,
    convert: (rows: readonly Row[]): RecordBatch => {
      try {
        return convert(rows)
      } catch (thrown) {
        // Such rows are counted from the first that the page has for their table.
        if (root && isMillraceError(thrown)) {
          const context = { ...thrown.context, table: table.table }
          rewordError(thrown, `${thrown.message} (nested rows for table "${table.table}")`, context)
        }
        throw thrown
      }
    },
  })
}

/** Where in a page of so many rows one stood that is in the batch, behind those that were dropped. */
function placeOf(index: number, rows: number, discards: readonly Discard[]): number {
  const dropped = new Set(discards.filter((discard) => discard.dropped === 'row').map(({ row }) => row))
  const kept = Array.from({ length: rows }, (_, place) => place).filter((place) => !dropped.has(place))
  return kept[index] ?? index
}
