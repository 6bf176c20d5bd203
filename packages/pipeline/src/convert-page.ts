import { createRenamer, createTableSplitter, type TableRows } from '@millrace/arrow'
import type { Emit, Row } from '@millrace/core'
import { checkIds } from './check-ids.ts'
import type { Session, StagePart, TableRef } from './destination.ts'
import { nestedTable } from './nested-table.ts'
import type { SchemaHints } from './schema-hints.ts'
import { createTableConverter, type TableConverter } from './table-converter.ts'

export interface PageConverterOptions {
  readonly session: Pick<Session, 'schema'>
  /** The stream's own table. */
  readonly table: TableRef
  readonly hints: SchemaHints | undefined
  /** Makes sure that a table of nested rows has a name of its own. */
  readonly claim: (table: TableRef) => void
  /** Whether this run goes on with the first that wrote to a table. */
  readonly isFirstRun: (table: TableRef) => boolean
  /** Told of each column as it is added. */
  readonly emit: Emit
}

/** Turns the rows of a stream's pages into what is staged of them. */
export interface PageConverter {
  /** The part of the stream's own table first, then one for each table that the page has nested rows for. */
  convert(rows: readonly Row[]): Promise<readonly StagePart[]>
}

/** A converter that goes on from the columns its tables have, and those that are declared. */
export async function createPageConverter(options: PageConverterOptions): Promise<PageConverter> {
  const { session, table: root, hints = {}, claim, isFirstRun, emit } = options
  const { nested = 'native', names = 'keep', maxNesting } = hints
  const converters = new Map<string, TableConverter>()

  async function add(table: TableRef): Promise<TableConverter> {
    const added = createTableConverter({
      present: await session.schema(table),
      table,
      hints,
      isFirstRun: isFirstRun(table),
      emit,
    })
    converters.set(table.table, added)
    return added
  }

  function addChild(name: string): Promise<TableConverter> {
    const table = nestedTable(root, { stream: name, table: name })
    claim(table)
    return add(table)
  }

  const split = nested === 'tables' ? splitterOf(root, names, maxNesting) : renamerOf(root.table, names, nested)
  // Before the first page, so that what is declared wrong is found before anything is asked for.
  await add(root)
  return Object.freeze({
    convert: async (rows: readonly Row[]): Promise<readonly StagePart[]> => {
      const parts: StagePart[] = []
      for (const part of split(rows)) {
        const converter = converters.get(part.table) ?? (await addChild(part.table))
        const batch = converter.convert(part.rows)
        if (nested === 'tables' && root.merge) checkIds(batch, converter.table)
        parts.push({ table: converter.table, batch })
      }
      return parts
    },
  })
}

type Split = (rows: readonly Row[]) => readonly TableRows[]

function splitterOf(
  { table, merge }: TableRef,
  names: NonNullable<SchemaHints['names']>,
  maxNesting: number | undefined,
): Split {
  // By chance where rows are added: one that comes twice is two, and the nested rows of each are its own. By content where they
  // are merged: of those with one key each has its own, and one that comes as it is there stays, nested rows and all.
  const contentIds = merge !== undefined
  const splitter = createTableSplitter({ table, names, contentIds, ...(maxNesting !== undefined && { maxNesting }) })
  return (rows) => splitter.split(rows)
}

function renamerOf(table: string, names: NonNullable<SchemaHints['names']>, nested: 'native' | 'json'): Split {
  const renamer = createRenamer({ names, nested })
  return (rows) => [{ table, rows: renamer.rename(rows) }]
}
