import type { Emit } from '@millrace/core'
import type { SteppedRows } from './run-steps.ts'

/** Rows of one read that a schema refused. */
export interface DiscardedRows {
  add(stepped: SteppedRows): void
  /** Tells how many there were, if any. */
  tell(): void
}

export function createDiscardedRows(stream: string, emit: Emit): DiscardedRows {
  let count = 0
  let first: string | undefined
  return Object.freeze({
    add({ invalid, firstInvalid }: SteppedRows): void {
      count += invalid
      first ??= firstInvalid
    },
    tell(): void {
      if (count === 0) return
      const [rows, were] = count === 1 ? ['row', 'was'] : ['rows', 'were']
      const message = `${count} ${rows} did not fit the schema and ${were} left out; the first: ${first}`
      emit({ type: 'warning', stream, message })
    },
  })
}
