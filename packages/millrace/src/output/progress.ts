import type { Emit, Redact } from '@millrace/core'
import type { Output } from '../command.ts'
import { countText, numberText } from './number-text.ts'

/** Redraws of the live line per second at most. */
const redrawMs = 100

export interface Progress {
  readonly emit: Emit
  /** Clears the live line. */
  stop(): void
}

/**
 * Tells a person what a run is doing: on a terminal one live line, always a line for what they should know (retries,
 * resumed streams, warnings).
 *
 * @param redact Applied to every text that may hold what came from elsewhere.
 */
export function createProgress(output: Output, redact: Redact): Progress {
  const startedAt = performance.now()
  const streams = new Map<string, { pages: number; rows: number; total?: number }>()
  let retries = 0
  let drawnAt = 0

  const clear = (): void => {
    if (output.isTTY) output.write('\r\u001b[K')
  }
  const draw = (): void => {
    const now = performance.now()
    if (!output.isTTY || now - drawnAt < redrawMs) return
    drawnAt = now
    const seconds = (now - startedAt) / 1000
    const parts = [...streams].map(([name, { pages, rows, total }]) => {
      const of = total === undefined ? '' : ` of ${numberText(total)}`
      return `${name}: page ${numberText(pages)}, ${numberText(rows)}${of} rows`
    })
    const tail = `${retries > 0 ? `, ${countText(retries, 'retry', 'retries')}` : ''}, ${seconds.toFixed(0)} s`
    const text = `${parts.join(' | ')}${tail}`
    output.write(`\r\u001b[K${redact(text).slice(0, (output.columns ?? 80) - 1)}`)
  }
  const line = (text: string): void => {
    clear()
    output.write(`${redact(text)}\n`)
    drawnAt = 0
    if (streams.size > 0) draw()
  }

  return {
    emit: (event) => {
      switch (event.type) {
        case 'page': {
          const rows = (streams.get(event.stream)?.rows ?? 0) + event.rows
          const total = event.total === undefined ? {} : { total: event.total }
          streams.set(event.stream, { pages: event.page, rows, ...total })
          return draw()
        }
        case 'resume':
          streams.set(event.stream, { pages: event.pages, rows: event.rows })
          return line(
            `${event.stream}: going on after page ${numberText(event.pages)} (${numberText(event.rows)} rows) of a run that stopped`,
          )
        case 'stage-discarded':
          return line(`${event.stream}: what a stopped run had staged is dropped: ${event.reason}`)
        case 'retry':
          retries += 1
          return line(`retry in ${(event.waitMs / 1000).toFixed(1)} s: ${event.reason}`)
        case 'incomplete':
          return line(`warning: ${event.stream} is incomplete: ${event.reason}`)
        case 'warning':
          return line(`warning: ${event.stream ? `${event.stream}: ` : ''}${event.message}`)
        default:
      }
    },
    stop: clear,
  }
}
