import { join } from 'node:path'
import { type Page, pipe, prefetch, restSource, toArrow, writeParquet } from 'millrace'
import { contend } from '../contend.ts'
import { restConfig } from '../rest-config.ts'

/** Millrace composed in code: the pages of a REST source, as record batches, into one Parquet file. A page is asked for while the last is converted. */
await contend(async (task) => {
  const [stream] = restSource(restConfig(task, 'append')).streams()
  if (stream === undefined) throw new Error('the source has no stream')
  const pages = stream.read({ mode: 'full-refresh', signal: new AbortController().signal, emit: () => {} })

  async function* noticed(source: AsyncIterable<Page>): AsyncGenerator<Page> {
    for await (const page of source) {
      task.page()
      yield page
    }
  }
  const { rows } = await pipe(pages, noticed, prefetch(1), toArrow(), writeParquet(join(task.folder, 'rows.parquet')))
  return rows
})
