import { join } from 'node:path'
import type { Row } from '@millrace/core'
import { type LakeTable, openLake } from '@millrace/lake'
import { deletedAtColumn } from '@millrace/pipeline'
import type { Schema } from 'apache-arrow'
import * as assert from 'uvu/assert'
import { failureOf } from '../support/failure-of.ts'
import { type Column, canonicalColumns, canonicalLines, sameForm } from './canonical.ts'
import type { PythonProcess } from './python-process.ts'
import { type Version, whenFound } from './scenario.ts'

/** Who reads a version of a table, in a process of Python. */
export interface Reader {
  readonly name: string
  readonly python: PythonProcess
}

/**
 * Every version of a table is for us what it is to be, and for all readers what it is for us.
 *
 * @param ends - Of a longer history the readers read so many of the first versions and of the last ones. Default: all.
 */
export async function holdReaders(
  folder: string,
  name: string,
  versions: readonly Version[],
  allReaders: readonly Reader[],
  ends: number = versions.length,
): Promise<void> {
  const lake = openLake(folder)
  assert.is((await lake.table(name)).version, versions.length - 1, name)
  for (const [version, wanted] of versions.entries()) {
    const readers = version < ends || version >= versions.length - ends ? allReaders : []
    if (wanted === undefined) {
      await failureOf(lake.table(name, { version }).then(linesOf))
      for (const reader of readers) {
        const refusal = await refusalOf(reader, join(folder, name), version)
        assert.ok(refusal, `version ${version} of ${name} can still be read by ${reader.name}`)
      }
      continue
    }
    const isNewest = version === versions.length - 1
    const table = await lake.table(name, isNewest ? {} : { version })
    await assertRows(await linesOf(table), wanted, table.schema, `${name}, version ${version}`)
    await readAlike(table, readers, isNewest ? undefined : version)
  }
}

/** All readers read the same of a table as we do. Which version is the newest they find by themselves. */
export async function readAlike(table: LakeTable, readers: readonly Reader[], version?: number): Promise<void> {
  const columns = canonicalColumns(table.schema)
  const lines = await linesOf(table)
  const at = `${table.name}, version ${table.version}`
  assert.is(table.rowCount, lines.length, at)
  for (const reader of readers) {
    const found = await read(reader, table.location, version)
    assert.equal(found.columns, columns, `columns of ${at}, by ${reader.name}`)
    assert.equal(sameForm(found.lines), lines, `${at}, by ${reader.name}`)
  }
}

/** What a reader says who fails on a version, by default the newest; undefined where it does not. */
export function refusalOf(reader: Reader, path: string, version?: number): Promise<string | undefined> {
  return read(reader, path, version).then(() => undefined, String)
}

interface Found {
  readonly columns: readonly Column[]
  readonly lines: readonly string[]
}

function read({ python, name }: Reader, path: string, version: number | undefined): Promise<Found> {
  return python.ask('read', { reader: name, path, version })
}

function linesOf(table: LakeTable): Promise<readonly string[]> {
  return canonicalLines(table.rows(), table.schema)
}

async function assertRows(
  lines: readonly string[],
  wanted: readonly Row[] | number,
  schema: Schema,
  at: string,
): Promise<void> {
  if (typeof wanted === 'number') return assert.is(lines.length, wanted, at)
  const deletedAt = schema.fields.findIndex((field) => field.name === deletedAtColumn)
  const found = lines.map((line) => {
    const values: readonly unknown[] = JSON.parse(line)
    return JSON.stringify(values.map((value, index) => (index === deletedAt && value !== null ? whenFound : value)))
  })
  assert.equal(found.sort(), await canonicalLines(wanted, schema), at)
}
