import type { Row } from '@millrace/core'

/** Rows of eight columns as an API sends them: whole numbers, floats, booleans, nulls, texts, times. */
export function makeRows(count: number): Row[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    user_id: id % 7 === 0 ? null : (id * 7919) % 4000,
    amount: ((id * 31) % 20_000) / 100 + 0.005,
    is_test: id % 50 === 0,
    country: ['DE', 'FR', 'IN', 'JP'][id % 4],
    email: `user${(id * 7919) % 4000}@example.com`,
    note: id % 3 === 0 ? null : `Grüße ${id}`,
    created_at: new Date(1_767_225_600_000 + id * 60_000).toISOString(),
  }))
}
