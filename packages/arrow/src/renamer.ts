import { MillraceError, type Row } from '@millrace/core'
import { deepestText } from './json-text.ts'
import { isPlainObject } from './kind.ts'
import { type Names, namingOf } from './naming-of.ts'
import { setOwnValue } from './set-own-value.ts'

/** Keys of nested objects in one place that are kept to tell a collision by. More are data, as ids are, and no columns. */
export const mostNestedKeys = 10_000

export interface RenamerOptions {
  readonly names: Names
  /** Keys inside of objects and lists are renamed too where these become columns. JSON text is left alone. Default `native`. */
  readonly nested?: 'native' | 'json'
}

/** Gives rows the names of their columns. One that is right as it is comes back itself, and none is changed. */
export interface Renamer {
  /** @throws {MillraceError} `E_COLUMN_COLLISION` where two keys, of whatever rows so far, have one name. */
  rename(rows: readonly Row[]): readonly Row[]
}

/**
 * A renamer for the rows of one table, page after page.
 *
 * What is no object is passed on as it is, and so is what lies deeper than any column: the converter says what is wrong.
 *
 * @example
 * createRenamer({ names: 'snake_case' }).rename([{ userId: 1 }]) // => [{ user_id: 1 }]
 */
export function createRenamer({ names, nested = 'native' }: RenamerOptions): Renamer {
  if (names === 'keep') return Object.freeze({ rename: (rows: readonly Row[]) => rows })
  const top = new Place('', namingOf(names))
  const depth = nested === 'native' ? deepestText : 0
  return Object.freeze({
    rename: (rows: readonly Row[]) =>
      rows.map((row: unknown) => (isPlainObject(row) ? top.rename(row, depth) : row) as Row),
  })
}

type PlainObject = Readonly<Record<string, unknown>>

/** Where in a row keys stand: the row itself, or the objects under one key. */
class Place {
  readonly #path: string
  readonly #naming: (key: string) => string
  readonly #names = new Map<string, string>()
  readonly #owners = new Map<string, string>()
  readonly #inner = new Map<string, Place>()
  /** Of the last object: rows of an API mostly have the same keys. */
  #keys: readonly string[] = []
  #keyNames: readonly string[] = []
  #isNamed = true

  constructor(path: string, naming: (key: string) => string) {
    this.#path = path
    this.#naming = naming
  }

  rename(object: PlainObject, depth: number): PlainObject {
    const keys = Object.keys(object)
    this.#take(keys)
    const names = this.#keyNames
    let renamed: Record<string, unknown> | undefined = this.#isNamed ? undefined : {}
    for (let k = 0; k < keys.length; k++) {
      const key = keys[k] as string
      const value = object[key]
      const inside =
        depth > 0 && typeof value === 'object' && value !== null ? this.#placeOf(key).value(value, depth - 1) : value
      if (renamed === undefined && inside !== value) renamed = firstOf(object, keys, k)
      if (renamed !== undefined) setOwnValue(renamed, names[k] as string, inside)
    }
    return renamed ?? object
  }

  value(value: unknown, depth: number): unknown {
    if (Array.isArray(value)) return this.#list(value, depth)
    return isPlainObject(value) ? this.rename(value, depth) : value
  }

  #list(list: readonly unknown[], depth: number): readonly unknown[] {
    if (depth === 0) return list
    let renamed: unknown[] | undefined
    for (let i = 0; i < list.length; i++) {
      const element = list[i]
      if (typeof element !== 'object' || element === null) continue
      const inside = this.value(element, depth - 1)
      if (inside === element) continue
      renamed ??= [...list]
      renamed[i] = inside
    }
    return renamed ?? list
  }

  #take(keys: readonly string[]): void {
    const before = this.#keys
    if (keys.length === before.length && keys.every((key, k) => key === before[k])) return
    this.#keyNames = keys.map((key) => this.#names.get(key) ?? this.#name(key))
    this.#keys = keys
    this.#isNamed = keys.every((key, k) => key === this.#keyNames[k])
  }

  #name(key: string): string {
    if (this.#path !== '' && this.#names.size >= mostNestedKeys) {
      this.#names.clear()
      this.#owners.clear()
      this.#inner.clear()
    }
    const name = this.#naming(key)
    const owner = this.#owners.get(name)
    if (owner !== undefined) throw collision(this.#path, owner, key, name)
    this.#owners.set(name, key)
    this.#names.set(key, name)
    return name
  }

  #placeOf(key: string): Place {
    let place = this.#inner.get(key)
    if (place === undefined) {
      place = new Place(`${this.#path}${this.#path === '' ? '' : '.'}${key}`, this.#naming)
      this.#inner.set(key, place)
    }
    return place
  }
}

function firstOf(object: PlainObject, keys: readonly string[], count: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (let k = 0; k < count; k++) setOwnValue(copy, keys[k] as string, object[keys[k] as string])
  return copy
}

function collision(path: string, one: string, other: string, name: string): MillraceError {
  const where = path === '' ? 'the rows' : `the objects in "${path}"`
  return new MillraceError(
    'E_COLUMN_COLLISION',
    `${where} have the keys ${JSON.stringify(one)} and ${JSON.stringify(other)}, and both give the name "${name}": rename one of them before, or keep the names as they are`,
    { context: { column: name, key: one, otherKey: other } },
  )
}
