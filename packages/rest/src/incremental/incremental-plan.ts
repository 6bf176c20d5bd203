import type { Disposition } from '@millrace/pipeline'
import type { IncrementalConfig } from '../config/incremental-config.ts'
import type { CursorValue } from './compare-cursor-values.ts'
import { type CursorOrder, cursorOrder } from './cursor-order.ts'

/** What a watermark belongs to. One of another cursor says nothing about this one. */
export interface CursorIdentity {
  readonly cursorPath: string
  readonly cursorFrom: 'row' | 'body' | 'server_clock'
  /** {@link CursorOrder.name} */
  readonly order: string
  readonly perParent: boolean
}

/** How a stream is read incrementally: its configuration with everything decided. */
export interface IncrementalPlan {
  readonly stream: string
  readonly config: IncrementalConfig
  readonly cursor: CursorIdentity
  readonly order: CursorOrder
  readonly initialValue: CursorValue | undefined
  readonly endValue: CursorValue | undefined
  readonly lag: number
  /** Starts at the initial value, whatever is stored, and leaves what is stored as it is. */
  readonly isBackfill: boolean
  readonly isStartOpen: boolean
  readonly isEndClosed: boolean
  /** Columns that tell rows at the boundary apart; empty: all of them. */
  readonly primaryKey: readonly string[]
  /** Whether rows that the next run will get again are remembered, so that it can leave them out. */
  readonly remembersRows: boolean
}

export interface IncrementalPlanOptions {
  /** The stream's name, for messages. */
  readonly stream: string
  /** The resource's own. */
  readonly primaryKey: readonly string[]
  readonly disposition: Disposition
}

export function planIncremental(config: IncrementalConfig, options: IncrementalPlanOptions): IncrementalPlan {
  const { cursorPath, cursorFrom = 'row', lag = 0, perParent = false } = config
  const order = cursorOrder(config.lastValueFunc)
  const own = typeof config.primaryKey === 'string' ? [config.primaryKey] : config.primaryKey
  const isBackfill = config.endValue !== undefined
  const isStartOpen = config.rangeStart === 'open'
  return Object.freeze({
    stream: options.stream,
    config,
    cursor: { cursorPath, cursorFrom, order: order.name, perParent },
    order,
    initialValue: config.initialValue,
    endValue: config.endValue,
    lag,
    isBackfill,
    isStartOpen,
    isEndClosed: config.rangeEnd === 'closed',
    primaryKey: own ?? options.primaryKey,
    remembersRows:
      options.disposition === 'append' &&
      cursorFrom === 'row' &&
      own?.length !== 0 &&
      !isBackfill &&
      // With an open start and no lag, no run gets a row of the one before.
      !(isStartOpen && lag === 0),
  })
}
