import { createConverter, decodeIpc, encodeIpc, fromArrow } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import type { Schema } from 'apache-arrow'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('rows to Arrow and back')

const variantTypes = ['bool', 'int64', 'float64', 'utf8', 'timestamp', 'json']

const timestamp = fc
  .record({
    ms: fc.integer({ min: -62_000_000_000_000, max: 253_000_000_000_000 }),
    micros: fc.option(fc.integer({ min: 0, max: 999 }), { nil: undefined }),
    offset: fc.constantFrom('Z', '+00:00', '-11:30', '+14:00'),
  })
  .map(({ ms, micros, offset }) => {
    const text = new Date(ms).toISOString().slice(0, -1)
    return text + (micros === undefined ? '' : String(micros).padStart(3, '0')) + offset
  })

const scalars: readonly fc.Arbitrary<unknown>[] = [
  fc.boolean(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 2 ** 53, -(2 ** 53), 5e-324, Number.MAX_VALUE),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('a', 'é', '漢', '\ud83d', '\ude00', '"', '\\', '\u0000') }),
  timestamp,
]

const names = ['a', 'b', 'id', '__proto__', 'constructor', '2', '']

const columnNames = names.filter((name) => name !== '')

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.oneof(fc.constant(null), ...scalars),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom(...names), tie('value')), { maxLength: 3 }).map(toObject),
  ),
}))

/** As `JSON.parse` would make it: `__proto__` is a key like any other. */
function toObject(entries: readonly (readonly [string, unknown])[]): Row {
  return Object.fromEntries(entries)
}

/** A column that mostly holds values of one shape, with others among them, as an API's do. */
const shapes: readonly fc.Arbitrary<unknown>[] = [
  ...scalars,
  fc.array(fc.integer(), { maxLength: 3 }),
  fc.array(fc.option(fc.string()), { maxLength: 3 }),
  fc.record({ id: fc.integer(), at: fc.option(timestamp), tags: fc.array(fc.string(), { maxLength: 2 }) }),
  fc.record({ a: fc.double({ noNaN: true, noDefaultInfinity: true }) }, { requiredKeys: [] }),
]

const pages: fc.Arbitrary<readonly (readonly Row[])[]> = fc
  .array(fc.tuple(fc.constantFrom(...columnNames), fc.constantFrom(...shapes)), { minLength: 1, maxLength: 4 })
  .chain((columns) => {
    const cells = columns.map(([name, shape]) =>
      fc
        .oneof(
          { weight: 12, arbitrary: shape },
          { weight: 2, arbitrary: fc.constant(null) },
          { weight: 1, arbitrary: value },
        )
        .map((cell) => [name, cell] as const),
    )
    const row = fc.tuple(...cells).map(toObject)
    return fc.array(fc.array(row, { maxLength: 20 }), { minLength: 1, maxLength: 4 })
  })

it('lose no value: each is in its column or in one variant of it, exactly', () => {
  fc.assert(
    fc.property(pages, fc.constantFrom('native' as const, 'json' as const), (all, nested) => {
      const converter = createConverter({ nested })
      for (const page of all) {
        const batch = converter.convert(page)
        const back = fromArrow(decodeIpc(encodeIpc(batch)))
        assert.is(back.length, page.length)
        for (const [r, row] of page.entries()) checkRow(row, back[r] as Row, batch.schema)
      }
    }),
    { numRuns: 1_500 },
  )
})

function checkRow(row: Row, back: Row, schema: Schema): void {
  for (const name of Object.keys(row)) {
    const kept = [name, ...variantTypes.map((type) => `${name}__v_${type}`)].filter(
      (column) => Object.hasOwn(back, column) && back[column] !== null,
    )
    if (row[name] === null) {
      assert.equal(kept, [])
      continue
    }
    assert.is(kept.length, 1, `${name}: ${kept}`)
    const [column] = kept as [string]
    const type = String(schema.fields.find((field) => field.name === column)?.type)
    assert.ok(
      isKept(row[name], back[column], type, column),
      `${text(row[name])} became ${text(back[column])} in ${column}`,
    )
  }
}

function isKept(value: unknown, kept: unknown, type: string, column: string): boolean {
  if (column.endsWith('__v_json')) return kept === text(value)
  if (type === 'Utf8') return kept === (typeof value === 'string' ? value : text(value))
  return isSame(value, kept)
}

/** Equal but for what a typed column cannot tell apart: a missing member from a null one, an instant from its spelling. */
function isSame(value: unknown, kept: unknown): boolean {
  if (value === null || value === undefined) return kept === null || kept === undefined
  if (typeof value === 'bigint')
    return (typeof kept === 'bigint' || Number.isInteger(kept)) && BigInt(kept as number) === value
  if (typeof value === 'string') return value === kept || instant(value) === instant(String(kept))
  if (Array.isArray(value)) {
    return Array.isArray(kept) && kept.length === value.length && value.every((item, i) => isSame(item, kept[i]))
  }
  if (typeof value === 'object') {
    const [left, right] = [value as Row, kept as Row]
    return (
      typeof kept === 'object' &&
      kept !== null &&
      [...Object.keys(left), ...Object.keys(right)].every((key) => isSame(own(left, key), own(right, key)))
    )
  }
  return Object.is(value, kept)
}

function own(object: Row, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Milliseconds by the platform's own parser, and the digits after them; never equal for what is no date-time. */
function instant(text: string): unknown {
  const parts = /^(.{19}\.\d{3})(\d{3})?(Z|[+-]\d\d:\d\d)$/.exec(text)
  return parts ? `${Date.parse(`${parts[1]}${parts[3]}`)} ${parts[2] ?? '000'}` : Symbol('none')
}

/** JSON text, written a second time and differently: by substitution in what `JSON.stringify` makes. */
function text(value: unknown): string {
  const found: string[] = []
  const marked = JSON.stringify(value, (_, each) => {
    const exact = typeof each === 'bigint' ? String(each) : Object.is(each, -0) ? '-0' : undefined
    if (exact === undefined) return each
    return `\u{e000}${found.push(exact) - 1}\u{e000}`
  })
  return marked.replace(/"\u{e000}(\d+)\u{e000}"/gu, (_, index) => found[Number(index)] ?? '')
}

it.run()
