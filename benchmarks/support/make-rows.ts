import type { Row } from '@millrace/core'
import { createRandom } from '../../test/support/random.ts'

const countries = ['DE', 'FR', 'IN', 'JP', 'NG', 'US']
const words = ['Lieferung', 'später', 'refund', 'café', 'ordered', 'twice', 'naïve', 'customer', 'called', '"ok"']

/** 2026-01-01T00:00:00Z */
const start = 1_767_225_600_000

/**
 * Rows of twelve fields as an API sends them, about 300 bytes of JSON each: whole numbers, floats, booleans, texts, times,
 * some of them null. The same on every run.
 *
 * Floats always have a fraction: a `12` among them is a whole number to some tools, and they would not make the same
 * columns.
 */
export function* makeRows(count: number, seed = 42): Generator<Row> {
  const random = createRandom(seed)
  let id = 1_000_000
  for (let i = 0; i < count; i++) {
    id += random.int(1, 3)
    const account = random.int(1, 40_000)
    const createdAt = start + i * 1_000
    yield {
      id,
      account_id: random.chance(0.1) ? null : account,
      quantity: random.int(0, 20),
      price: (random.int(1, 50_000) * 100 + random.int(1, 99)) / 100,
      score: (random.int(0, 999_998) + 1) / 1_000_000,
      is_active: random.chance(0.7),
      is_verified: random.chance(0.2) ? null : random.chance(0.5),
      country: random.pick(countries),
      email: random.chance(0.1) ? null : `user${account}@example.com`,
      note: random.chance(0.3) ? null : Array.from({ length: random.int(4, 14) }, () => random.pick(words)).join(' '),
      created_at: new Date(createdAt).toISOString().replace('.000Z', 'Z'),
      updated_at: new Date(createdAt + random.int(0, 86_400_000)).toISOString(),
    }
  }
}
