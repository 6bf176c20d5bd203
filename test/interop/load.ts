import type { Row } from '@millrace/core'
import { type LakeOptions, lake } from '@millrace/lake'
import { type Mode, run, type Stream } from '@millrace/pipeline'

export interface LoadOptions
  extends LakeOptions,
    Pick<Partial<Stream>, 'disposition' | 'primaryKey' | 'merge' | 'partitionBy' | 'schema'> {
  /** Stream and table. Default `events`. */
  readonly name?: string
  readonly mode?: Mode
  /** The stream fails behind this many pages, and what was staged until then is left to the next run. */
  readonly failsAfter?: number
  /** Whether the pages are all that there is, so that rows which are not in them are gone. Default: true. */
  readonly isWhole?: boolean
}

/** Runs a source of these pages into a lake, by the public API. Without a disposition the rows are appended. */
export async function load(
  folder: string,
  pages: readonly (readonly Row[])[],
  {
    name = 'events',
    mode = 'incremental',
    failsAfter,
    isWhole = true,
    disposition = 'append',
    ...options
  }: LoadOptions = {},
): Promise<void> {
  const { primaryKey, merge, partitionBy, schema, ...lakeOptions } = options
  const stream: Stream = {
    name,
    disposition,
    ...(primaryKey && { primaryKey }),
    ...(merge && { merge }),
    ...(partitionBy && { partitionBy }),
    ...(schema && { schema }),
    readsAll: () => isWhole,
    read: async function* ({ checkpoint }) {
      for (let page = Number(checkpoint?.['page'] ?? 0); page < pages.length; page++) {
        if (page === failsAfter) throw new Error('the source is gone')
        yield { rows: pages[page] ?? [], position: { page: page + 1 } }
      }
    },
  }
  const running = run({ name, streams: () => [stream] }, lake(folder, lakeOptions), { mode })
  if (failsAfter === undefined) await running
  else await running.then(() => Promise.reject(new Error('did not fail')), keepsFailing)
}

function keepsFailing(thrown: unknown): void {
  if (!String(thrown).includes('the source is gone')) throw thrown
}
