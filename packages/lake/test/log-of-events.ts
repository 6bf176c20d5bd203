import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createConverter } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { type LakeOptions, lake, openLake } from '@millrace/lake'
import type { Session, TableRef, TableReport } from '@millrace/pipeline'

/** A table that every test of its log can fill. */
export const events: TableRef = {
  stream: 'events',
  table: 'events',
  disposition: 'append',
  primaryKey: [],
  mode: 'incremental',
  configuration: '',
}

export type LogAction = Record<string, Record<string, unknown>>

/** Run names must differ: a commit of the same run is done once. */
let runs = 0

export function openSession(folder: string, options: LakeOptions & { pipeline?: string } = {}): Promise<Session> {
  const { pipeline = 'shop', ...others } = options
  return lake(folder, others).open({ pipeline, run: `${pipeline} ${runs++}` })
}

/** One page of one row, committed. */
export async function commitRow(session: Session, id: number, replace = false): Promise<TableReport | undefined> {
  const checkpoint = { position: { id }, pages: 1, rows: 1 }
  await session.stage([{ table: events, batch: createConverter().convert([{ id }]) }], checkpoint)
  const { tables } = await session.commit({ tables: [{ table: events, checkpoint, replace, merge: false }] })
  return tables[0]
}

/** Commits the rows of these ids, a version each. */
export async function commitRows(
  folder: string,
  ids: readonly number[],
  replace = false,
  pipeline = 'shop',
): Promise<void> {
  const session = await openSession(folder, { pipeline })
  for (const id of ids) await commitRow(session, id, replace && id === ids[0])
  await session.close()
}

export function upTo(count: number, from = 0): number[] {
  return Array.from({ length: count - from }, (_, index) => from + index)
}

/** The ids of a table as this package reads them, in order. */
export async function idsOf(folder: string, version?: number): Promise<readonly number[]> {
  const table = await openLake(folder).table('events', version === undefined ? {} : { version })
  const ids: Row[string][] = []
  for await (const { id } of table.rows()) ids.push(id)
  return ids.map(Number)
}

/** A file of the log of `events`. */
export function logPath(folder: string, version: number, ending = 'json'): string {
  return join(folder, 'events', '_delta_log', `${String(version).padStart(20, '0')}.${ending}`)
}

export async function readLogCommit(folder: string, version: number): Promise<readonly LogAction[]> {
  const text = await readFile(logPath(folder, version), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogAction)
}

/** A commit that another writer makes. */
export async function foreignCommit(folder: string, version: number, actions: readonly object[]): Promise<void> {
  await writeFile(logPath(folder, version), actions.map((action) => JSON.stringify(action)).join('\n'), { flag: 'wx' })
}

/** A commit of another writer that gives the table properties. */
export async function setProperties(
  folder: string,
  version: number,
  properties: Readonly<Record<string, string>>,
): Promise<void> {
  const actions = await readLogCommit(folder, version - 1)
  const metaData = actions.find((action) => action['metaData'])?.['metaData'] as { configuration: object }
  const configuration = { ...metaData.configuration, ...properties }
  await foreignCommit(folder, version, [{ metaData: { ...metaData, configuration } }])
}
