import type { Random } from './random.ts'

/** A JSON value with its numbers as they are written, so that a changed digit can be seen. */
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonMembers

export interface JsonNumber {
  readonly number: string
}

export interface JsonMembers {
  readonly members: ReadonlyMap<string, Json>
}

export function isNumber(value: Json): value is JsonNumber {
  return typeof value === 'object' && value !== null && 'number' in value
}

export function isMembers(value: Json): value is JsonMembers {
  return typeof value === 'object' && value !== null && 'members' in value
}

/**
 * Members in the order in which JavaScript keeps them: those named by a whole number first.
 *
 * @param numberText How a number is written. Default: as it is.
 */
export function jsonOf(value: Json, numberText: (number: string) => string = (number) => number): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isNumber(value)) return numberText(value.number)
  if (isMembers(value)) {
    const members = Object.entries(Object.fromEntries(value.members)).map(
      ([key, each]) => `${JSON.stringify(key)}:${jsonOf(each, numberText)}`,
    )
    return `{${members.join(',')}}`
  }
  return `[${value.map((each) => jsonOf(each, numberText)).join(',')}]`
}

/** Names that trip code which takes an object for a table of names, and readers. */
export const hostileKeys: readonly string[] = [
  'id',
  'a',
  'b',
  'value',
  '__proto__',
  'constructor',
  '2',
  'a.b',
  'naïve',
  'x y',
  'quo"te',
  'toString',
]

/** In a nested value readers keep members in plain objects, and a list of objects and single values has columns of these names. */
const nestedKeys = hostileKeys.filter((key) => !['__proto__', 'value', 'list'].includes(key))

const integers = ['0', '1', '-1', '300', '4294967296', '-4294967297', '9007199254740991', '9007199254740993']
const largeIntegers = ['-9223372036854775808', '9223372036854775807', '9223372036854775808', '1'.repeat(40)]
const floats = ['-0', '0.1', '1.0', '1e2', '-2.5e-3', '5e-324', '1.7976931348623157e308', '123456789.123456789', '1e20']
// A byte order mark not at the start, where readers drop it.
const texts = ['', 'a', 'Grüße', '漢字', '😀', 'a\u0000b', '\ud83d', '\ude00x', 'x\ufeff', '"\\', 'true', '1', 'null']
const times = [
  '2024-05-01T12:00:00Z',
  '2024-05-01T12:00:00.123456+05:30',
  '1969-12-31T23:59:59.999999Z',
  '0001-01-01T00:00:00.000001Z',
  '9999-12-31T23:59:59.9Z',
]
const nearlyTimes = ['2024-05-01', '2024-05-01T12:00:00', '2024-02-30T00:00:00Z', '2024-05-01T12:00:00.1234567Z']

type Shape = (random: Random, depth: number) => Json

const integer: Shape = (random) => ({ number: random.pick(integers) })
const count: Shape = (random) => ({ number: String(random.int(-1_000_000, 1_000_000)) })
const wide: Shape = (random) => ({ number: digits(random, random.int(16, 19)) })
const float: Shape = (random) => ({ number: random.pick(floats) })
const fraction: Shape = (random) => ({ number: String((random.next() - 0.5) * 10 ** random.int(-5, 12)) })
const text: Shape = (random) => (random.chance(0.3) ? random.pick(texts) : random.string(random.int(0, 40)))
const time: Shape = (random) => random.pick(times)
const flag: Shape = (random) => random.chance(0.5)
const anything: Shape = (random, depth) => random.pick(depth > 3 ? scalars : shapes)(random, depth + 1)

const scalars: readonly Shape[] = [
  integer,
  count,
  wide,
  float,
  fraction,
  text,
  time,
  flag,
  (random) => ({ number: random.pick(largeIntegers) }),
  (random) => random.pick(nearlyTimes),
  () => null,
]

function listOf(shape: Shape): Shape {
  return (random, depth) => Array.from({ length: random.int(0, 3) }, () => orNull(shape)(random, depth + 1))
}

/** Objects that mostly have these members, and now and then one less or one more. */
function objectOf(members: Readonly<Record<string, Shape>>): Shape {
  return (random, depth) => {
    const kept = Object.entries(members).filter(() => random.chance(0.85))
    const made = kept.map(([key, shape]) => [key, orNull(shape)(random, depth + 1)] as const)
    if (random.chance(0.05)) made.push([random.pick(nestedKeys), anything(random, depth + 1)])
    return { members: new Map(made) }
  }
}

function orNull(shape: Shape): Shape {
  return (random, depth) => (random.chance(0.1) ? null : shape(random, depth))
}

const shapes: readonly Shape[] = [
  ...scalars,
  listOf(count),
  listOf(text),
  listOf(time),
  listOf(listOf(integer)),
  listOf(anything),
  objectOf({ id: count, name: text, at: time }),
  objectOf({ price: fraction, tags: listOf(text), owner: objectOf({ id: wide, on: flag }) }),
  listOf(objectOf({ sku: text, count, parts: listOf(objectOf({ no: count })) })),
  objectOf({}),
]

function digits(random: Random, length: number): string {
  return `${random.chance(0.5) ? '-' : ''}${random.int(1, 9)}${Array.from({ length: length - 1 }, () => random.int(0, 9)).join('')}`
}

/**
 * Documents as one endpoint sends them over time: each key mostly has one kind of value, which changes now and then for a
 * single row or for good; keys come and go.
 */
export function createDocuments(random: Random, keys: readonly string[]): () => JsonMembers {
  const columns = random.shuffle(keys).slice(0, random.int(2, 6))
  const usual = new Map(columns.map((key) => [key, random.pick(shapes)]))
  return () => {
    if (random.chance(0.01)) usual.set(random.pick(keys), random.pick(shapes))
    if (random.chance(0.01)) usual.set(random.pick(columns), random.pick(shapes))
    const members = new Map<string, Json>()
    for (const [key, shape] of usual) {
      if (random.chance(0.08)) continue
      members.set(key, random.chance(0.02) ? anything(random, 0) : orNull(shape)(random, 0))
    }
    return { members }
  }
}
