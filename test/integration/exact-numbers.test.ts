import { join } from 'node:path'
import { createConverter, fromArrow, toSchema } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { parseJson } from '@millrace/http'
import { type ParquetEncoder, parquetjsLite, parquetWasm, readParquet, writeParquetFile } from '@millrace/parquet'
import type { Schema } from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRandom, type Random } from '../support/random.ts'
import { readWithHyparquet, withDuckDbReader } from '../support/read-parquet.ts'
import { withTempFolder } from '../support/temp-folder.ts'

const it = suite('10,000 random numbers of each type')

const count = 10_000

/** Digits of a number of any length, each length as likely as any other, and never a zero in front. */
function digits(random: Random, most: number): string {
  const length = random.int(1, most)
  return `${random.int(1, 9)}${Array.from({ length: length - 1 }, () => random.int(0, 9)).join('')}`
}

function int64s(): string[] {
  const random = createRandom(64)
  const made = ['0', '9223372036854775807', '-9223372036854775808', '9007199254740993', '-9007199254740993']
  while (made.length < count) {
    const text = `${random.chance(0.5) ? '-' : ''}${digits(random, 19)}`
    if (BigInt.asIntN(64, BigInt(text)) === BigInt(text)) made.push(text)
  }
  return made
}

function decimals(precision: number, scale: number): string[] {
  const random = createRandom(precision)
  return Array.from({ length: count }, () => {
    const text = digits(random, precision).padStart(scale + 1, '0')
    const fraction = scale === 0 ? '' : `.${text.slice(-scale)}`
    return `${random.chance(0.5) ? '-' : ''}${text.slice(0, text.length - scale)}${fraction}`
  })
}

async function withFile(
  rows: readonly Row[],
  encoder: ParquetEncoder,
  columns: Schema | undefined,
  use: (path: string) => Promise<void>,
): Promise<void> {
  const converter = createConverter(columns ? { columns } : {})
  const batches = [0, 1, 2, 3].map((part) => converter.convert(rows.slice(part * 2_500, part * 2_500 + 2_500)))
  await withTempFolder(async (folder) => {
    const path = join(folder, 'numbers.parquet')
    await writeParquetFile(path, converter.schema, batches, { encoder })
    await use(path)
  })
}

for (const encoder of [parquetWasm(), parquetjsLite()]) {
  it(`int64: JSON text to a file of ${encoder.name} and back, to the last digit`, async () => {
    const sent = int64s()
    const rows = parseJson(`[${sent.map((each) => `{"n":${each}}`).join(',')}]`) as unknown as readonly Row[]
    await withFile(rows, encoder, undefined, async (path) => {
      for (const read of [readWithHyparquet, (file: string) => withDuckDbReader((duckDb) => duckDb(file))]) {
        const found = (await read(path)).map((row) => row.get('n'))
        assert.equal(found.map(String), sent)
        assert.ok(found.every((each) => typeof each === 'bigint'))
      }
    })
  })
}

for (const [precision, scale] of [
  [38, 9],
  [38, 0],
  [38, 38],
  [18, 4],
  [9, 2],
] as const) {
  it(`decimal(${precision}, ${scale}): texts to a file and back, to the last digit`, async () => {
    const sent = decimals(precision, scale)
    const columns = toSchema({ n: { dataType: 'decimal', precision, scale } })
    const rows = sent.map((n) => ({ n }))
    await withFile(rows, parquetWasm(), columns, async (path) => {
      const found = (await withDuckDbReader((duckDb) => duckDb(path))).map((row) => row.get('n'))
      assert.equal(found, sent)
      const back: Row[] = []
      for await (const batch of readParquet(path)) back.push(...fromArrow(batch))
      assert.equal(back, rows)
    })
  })
}

it.run()
