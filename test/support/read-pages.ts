import type { MillraceEvent, Page, Position } from '@millrace/core'
import type { ReadContext, Stream } from '@millrace/pipeline'

export type Reading = Partial<ReadContext>

/** Every page of a stream, each position as it comes back from storage. */
export async function readPages(stream: Stream, reading: Reading = {}): Promise<Page[]> {
  const pages: Page[] = []
  const context: ReadContext = {
    mode: 'incremental',
    signal: new AbortController().signal,
    emit: () => {},
    ...reading,
  }
  for await (const page of stream.read(context)) {
    pages.push({ ...page, position: JSON.parse(JSON.stringify(page.position)) as Position })
  }
  return pages
}

/** Pages to be compared: how long each took is left out. */
export function rowsAndPositions(pages: readonly Page[]): Pick<Page, 'rows' | 'position'>[] {
  return pages.map(({ rows, position }) => ({ rows, position }))
}

/** The values of one column, over all pages. */
export function columnOf(pages: readonly Page[], column: string): unknown[] {
  return pages.flatMap(({ rows }) => rows.map((row) => row[column]))
}

/** Collects events, to be asked for by type. */
export function recordEvents(): {
  emit: (event: MillraceEvent) => void
  of: (type: MillraceEvent['type']) => MillraceEvent[]
} {
  const events: MillraceEvent[] = []
  return { emit: (event) => void events.push(event), of: (type) => events.filter((event) => event.type === type) }
}
