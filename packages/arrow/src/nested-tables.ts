import { MillraceError } from '@millrace/core'
import { pathSeparator } from './snake-case.ts'
import { idColumn, indexColumn, parentIdColumn, rootIdColumn } from './tie-columns.ts'

/** dlt's names for a single value in a list, and for a list in a list. */
const valueColumn = 'value'
const listName = 'list'

/** All tables that the rows of one stream have been taken apart into so far, and which place in the rows each name is of. */
export class NestedTables {
  readonly naming: (key: string) => string
  readonly root: TableShape
  readonly #owners = new Map<string, { readonly path: string; readonly table: TableShape }>()

  constructor(root: string, naming: (key: string) => string) {
    this.naming = naming
    this.root = new TableShape(this, root, '')
  }

  add(name: string, owner: Member): TableShape {
    const { path } = owner
    const other = this.#owners.get(name)
    if (other === undefined) {
      const table = new TableShape(this, name, `${path}[]`)
      this.#owners.set(name, { path, table })
      return table
    }
    // An API that once sent an object now sends a list of such objects: it is the same list in it, and whether its parent
    // is a row of this table or of that one, the parent's id tells.
    if (withoutLists(path) === withoutLists(other.path)) return other.table
    throw collision('table', name, other.path, path)
  }
}

/** One of the tables. */
export class TableShape {
  readonly tables: NestedTables
  readonly name: string
  readonly place: Place
  /** By column; null for those that tie the tables together. */
  readonly #owners = new Map<string, string | null>()

  constructor(tables: NestedTables, name: string, path: string) {
    this.tables = tables
    this.name = name
    this.place = new Place(this, '', path)
    // A root row may bring an id of its own.
    const made = path === '' ? [] : [idColumn, parentIdColumn, indexColumn, rootIdColumn]
    for (const column of made) this.#owners.set(column, null)
  }

  addColumn(name: string, path: string): void {
    const other = this.#owners.get(name)
    if (other !== undefined) throw collision('column', name, other, path)
    this.#owners.set(name, path)
  }
}

/** Where in the documents keys stand: in the rows of a table, or in the objects under one of their keys. */
export class Place {
  readonly #table: TableShape
  readonly #prefix: string
  readonly #path: string
  readonly #members = new Map<string, Member>()
  #value: Member | undefined
  #list: Member | undefined

  constructor(table: TableShape, prefix: string, path: string) {
    this.#table = table
    this.#prefix = prefix
    this.#path = path
  }

  member(key: string): Member {
    let member = this.#members.get(key)
    if (member === undefined) {
      const path = this.#path === '' ? key : `${this.#path}.${key}`
      member = new Member(this.#table, this.#prefix + this.#table.tables.naming(key), path)
      this.#members.set(key, member)
    }
    return member
  }

  /** Single values where rows are elements of a list. */
  get value(): Member {
    this.#value ??= new Member(this.#table, valueColumn, `${this.#path} without a key`)
    return this.#value
  }

  /** Lists where rows are elements of a list. */
  get list(): Member {
    this.#list ??= new Member(this.#table, listName, `${this.#path}[]`)
    return this.#list
  }
}

/** What stands under one key of a place: each of a column, further keys and a table, in one row or another. */
export class Member {
  readonly path: string
  readonly #table: TableShape
  readonly #name: string
  #isColumn = false
  #place: Place | undefined
  #rows: TableShape | undefined

  constructor(table: TableShape, name: string, path: string) {
    this.#table = table
    this.#name = name
    this.path = path
  }

  column(): string {
    if (!this.#isColumn) this.#table.addColumn(this.#name, this.path)
    this.#isColumn = true
    return this.#name
  }

  place(): Place {
    this.#place ??= new Place(this.#table, this.#name + pathSeparator, this.path)
    return this.#place
  }

  table(): TableShape {
    this.#rows ??= this.#table.tables.add(`${this.#table.name}${pathSeparator}${this.#name}`, this)
    return this.#rows
  }
}

function withoutLists(path: string): string {
  return path.replaceAll('[]', '')
}

function collision(what: 'column' | 'table', name: string, one: string | null, other: string): MillraceError {
  const first = one === null ? 'a column that ties the tables together' : JSON.stringify(one)
  return new MillraceError(
    'E_COLUMN_COLLISION',
    `${first} and ${JSON.stringify(other)} in the rows both give the ${what} "${name}": rename one of them before, or keep nested values in one table`,
    { context: { [what]: name, key: one ?? name, otherKey: other } },
  )
}
