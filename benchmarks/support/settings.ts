import { parseArgs } from 'node:util'
import { wholeNumber } from '@millrace/core'

/** Rounds that count. Five, so that the median leaves out two bad moments of the machine. */
export const defaultRounds = 5

/** Pages of 1,000 rows that end-to-end loads: 200 are about 60 MB of JSON, which takes seconds. */
export const defaultPages = 200

/** Rows of the table that lake/merge changes. Ten million, so that to write it all anew is felt. */
export const defaultRows = 10_000_000

/** Rows that lake/stream appends. Twenty million take minutes, in which memory that grows shows. */
export const defaultStreamRows = 20_000_000

export interface Settings {
  readonly rounds: number
  readonly pages: number
  /** Of the table that rows are merged into. */
  readonly rows: number
  /** That are appended to a lake while memory is watched. */
  readonly streamRows: number
  /** Parts of names of contenders that run; all when it is empty. */
  readonly only: readonly string[]
  /** Parts of names of contenders that do not run. */
  readonly without: readonly string[]
  /** Whether the results replace those in `benchmarks/results`. */
  readonly save: boolean
}

export const usage = `Usage: npm run bench -- [part of a benchmark's path …] [options]

  --pages <n>      end-to-end: pages of 1,000 rows (default ${defaultPages}); and ten times as many, of 1,000 and of 100
  --rows <n>       lake/merge: rows of the table (default ${defaultRows})
  --stream-rows <n>  lake/stream: rows that are appended (default ${defaultStreamRows})
  --rounds <n>     rounds that count, of which the median is taken (default ${defaultRounds})
  --only <a,b>     only the contenders whose name has one of these in it
  --without <a,b>  no contender whose name has one of these in it: --without dlt
  --save           write the results to benchmarks/results, though it is not a full run
  --help           this text

A full run, without any of these options, takes about half an hour and writes its results.
A quick look: npm run bench -- end-to-end --pages 20 --rounds 1`

/** Parts of paths of benchmarks, and the settings for those that run. */
export function readSettings(args: readonly string[]): { settings: Settings; help: boolean; benchmarks: string[] } {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      pages: { type: 'string' },
      rows: { type: 'string' },
      'stream-rows': { type: 'string' },
      rounds: { type: 'string' },
      only: { type: 'string' },
      without: { type: 'string' },
      save: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const { pages, rows, 'stream-rows': streamRows, rounds, only, without, save, help = false } = values
  const isFull = [pages, rows, streamRows, rounds, only, without].every((value) => value === undefined)
  const settings: Settings = {
    rounds: wholeNumber('--rounds', Number(rounds ?? defaultRounds), 1),
    pages: wholeNumber('--pages', Number(pages ?? defaultPages), 1),
    rows: wholeNumber('--rows', Number(rows ?? defaultRows), 1_000),
    streamRows: wholeNumber('--stream-rows', Number(streamRows ?? defaultStreamRows), 1_000),
    only: only?.split(',') ?? [],
    without: without?.split(',') ?? [],
    save: save ?? isFull,
  }
  return { settings, help, benchmarks: positionals }
}

/** Whether a contender of this name is to run. */
export function isWanted(name: string, { only, without }: Settings): boolean {
  const has = (part: string): boolean => name.toLowerCase().includes(part.toLowerCase())
  return (only.length === 0 || only.some(has)) && !without.some(has)
}
