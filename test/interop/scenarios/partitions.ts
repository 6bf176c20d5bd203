import type { Row } from '@millrace/core'
import { optimizeLake } from '@millrace/lake'
import { load } from '../load.ts'
import { byId, type Scenario } from '../scenario.ts'
import { asStored, everyType, everyValue } from './every-type.ts'

/** All types that can be partitioned by. */
const plain = ['i8', 'i16', 'i32', 'i64', 'flag', 'text', 'at', 'day']
const decimals = ['money', 'small', 'wide', 'wei']

/** What means something in a path, an address, a query or a folder of Hive. */
const texts = ['a b/ü=%20', "it's", '"', '\\', 'a\nb', '..', '__HIVE_DEFAULT_PARTITION__', 'null', 'day=1', ' ', null]
const hostile: readonly Row[] = texts.map((text, id) => ({ id, text, other: texts.at(-1 - id) ?? 'x' }))

const orders: readonly Row[] = Array.from({ length: 30 }, (_, id) => ({
  id,
  state: ['open', 'paid', null][id % 3] ?? null,
  day: `2024-02-${10 + (id % 4)}`,
}))
const changes: readonly Row[] = [
  { id: 3, state: 'paid', day: '2024-02-13' },
  { id: 5, state: 'lost', day: null },
  { id: 99, state: 'open', day: '2024-02-10' },
]
const changed: readonly Row[] = [...orders.filter(({ id }) => id !== 3 && id !== 5), ...changes]

/** Tables that are partitioned, by whatever can be. */
export const partitions: Readonly<Record<string, Scenario>> = {
  'a table partitioned by every type but decimals': everyTypeBy(plain),

  'a table partitioned by decimals': {
    ...everyTypeBy(decimals),
    // Its own text of a negative one has a sign behind the point, too.
    without: { pyarrow: /not a valid decimal128 number/ },
  },

  'a table partitioned by texts that mean something elsewhere': {
    rows: { events: [hostile, [...hostile, ...hostile]] },
    make: async (folder) => {
      await load(folder, [hostile], { partitionBy: ['text', 'other'] })
      await load(folder, [hostile])
    },
  },

  'a partitioned table whose rows move, which is joined, sorted, and partitioned anew': {
    rows: { events: [orders, changed, changed, changed, orders, [...orders, { id: 100 }]] },
    make: async (folder) => {
      await load(folder, [orders.slice(0, 11), orders.slice(11)], { ...byId, partitionBy: ['state'], segmentRows: 9 })
      await load(folder, [changes], byId)
      await optimizeLake(folder)
      await optimizeLake(folder, { sortBy: ['id'] })
      await load(folder, [orders], { ...byId, mode: 'full-refresh', partitionBy: ['day', 'state'] })
      await load(folder, [[{ id: 100 }]], byId)
    },
  },
}

function everyTypeBy(partitionBy: readonly string[]): Scenario {
  return {
    rows: { events: [everyValue().map(asStored), [...everyValue().slice(1).map(asStored), asStored(again())]] },
    make: async (folder) => {
      const options = { ...byId, schema: { columns: everyType }, partitionBy }
      await load(folder, [everyValue()], options)
      await load(folder, [[again()]], options)
    },
  }
}

/** The first row, in another partition. */
function again(): Row {
  return { ...everyValue()[0], i32: 7, text: 'b', at: '2024-02-29T12:00:00.123456Z', money: '-0.01' }
}
