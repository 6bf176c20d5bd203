import { deepStrictEqual } from 'node:assert/strict'
import { openLake } from '@millrace/lake'

interface Identified {
  readonly id: string | number
}

/** Fails unless the table of a lake holds each of the rows once, and no other. */
export async function expectRows(folder: string, table: string, expected: readonly Identified[]): Promise<void> {
  const found: unknown[] = []
  for await (const { id } of (await openLake(folder).table(table)).rows()) {
    // Whole numbers are 64 bits wide in a table.
    found.push(typeof id === 'bigint' ? Number(id) : id)
  }
  deepStrictEqual(found.sort(), expected.map(({ id }) => id).sort())
  console.log(`${table}: ${found.length} rows`)
}
