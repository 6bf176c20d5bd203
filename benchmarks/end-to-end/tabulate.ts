import type { Measurement } from '../support/measure.ts'
import { median } from '../support/median.ts'
import type { Table } from '../support/table.ts'
import { floor } from './contenders.ts'
import type { PageServer } from './page-server.ts'
import type { Entry } from './run-rounds.ts'

const none = '–'

export interface Circumstances {
  readonly rounds: number
  /** The version of dlt that took part. */
  readonly dlt?: string | undefined
}

/** The medians of one workload, as people read them. */
export function tabulate(
  found: ReadonlyMap<Entry, readonly Measurement[]>,
  server: PageServer,
  { rounds, dlt }: Circumstances,
): Table {
  const { pages, rowsPerPage } = server.shape
  const rows = pages * rowsPerPage
  const entries = [...found].filter(([entry]) => entry.server === server)
  const secondsOf = (name: string | undefined): number | undefined => {
    const entry = entries.find(([{ contender }]) => contender.name === name)
    return entry && median(entry[1].map(({ seconds }) => seconds))
  }
  const floorSeconds = secondsOf(floor)
  return {
    title: `${count(pages)} pages of ${count(rowsPerPage)} rows, ${(server.bytes / 1e6).toFixed(1)} MB of JSON, median of ${rounds}`,
    head: [
      '',
      's',
      'from – to',
      'rows/s',
      'MB/s',
      '× floor',
      dlt === undefined ? '× dlt' : `× dlt ${dlt}`,
      'first ms',
      'CPU s',
      'peak MB',
      'requests',
      'process s',
    ],
    rows: entries.map(([{ contender }, all]) => {
      const numbers = (key: keyof Measurement): number[] => all.flatMap((each) => each[key] ?? [])
      const middle = (key: keyof Measurement, digits: number): string =>
        numbers(key).length === 0 ? none : median(numbers(key)).toFixed(digits)
      const seconds = median(numbers('seconds'))
      const peer = secondsOf(contender.peer)
      return [
        contender.name,
        seconds.toFixed(2),
        `${Math.min(...numbers('seconds')).toFixed(2)} – ${Math.max(...numbers('seconds')).toFixed(2)}`,
        count(Math.round(rows / seconds / 100) * 100),
        (server.bytes / 1e6 / seconds).toFixed(1),
        floorSeconds === undefined ? none : (seconds / floorSeconds).toFixed(1),
        peer === undefined ? none : (peer / seconds).toFixed(1),
        middle('firstRowMs', 0),
        middle('cpuSeconds', 2),
        middle('peakMb', 0),
        middle('requests', 0),
        middle('processSeconds', 2),
      ]
    }),
  }
}

function count(number: number): string {
  return number.toLocaleString('en-US')
}
