import { isJsonObject } from '@millrace/core'
import { joinPath } from '@millrace/paginate'
import { bodyShape, wordOf } from './body-shape.ts'
import { rowKeys } from './row-keys.ts'

/** How deep rows are looked for: `data.organization.repositories.nodes` of a GraphQL API is as deep as it gets. */
const deepest = 4

/** Lists beside rows, never the rows themselves. */
const besideRows = /^(errors|warnings|notices|links|included|includes|facets|aggregations|filters|expansions)$/

/** Objects that answers are wrapped in, where a list under any name may hold the rows. */
const wrapper = /^(data|result|results|response|payload|body|d|embedded)$/

/** A list of objects in a body. */
export interface FoundList {
  /** Leads to the rows in it. */
  readonly path: string
  /** Of the object that holds it; `$` for the body. */
  readonly parent: string
  readonly holder: object
  readonly word: string
  readonly isUsual: boolean
  readonly isEmpty: boolean
}

export interface Lists {
  /** The lists that may hold rows, by how deep they are. */
  readonly levels: readonly (readonly FoundList[])[]
  /** The first list with items that stands beside rows, if there is one. */
  readonly beside: string | undefined
}

interface Holder {
  readonly value: object
  readonly path: string
  readonly word: string
}

/** The lists of objects in a body, those near the top first. Not those in lists, nor those inside of rows. */
export function collectLists(body: object): Lists {
  const levels: FoundList[][] = []
  let beside: string | undefined
  let holders: Holder[] = [{ value: body, path: '', word: '' }]
  for (let depth = 1; depth <= deepest && holders.length > 0; depth++) {
    const found: FoundList[] = []
    const below: Holder[] = []
    for (const holder of holders) {
      for (const [name, value] of Object.entries(holder.value)) {
        const path = joinPath(holder.path, name)
        const word = wordOf(name)
        if (path === undefined) continue
        if (besideRows.test(word)) {
          if (depth === 1 && isListOfObjects(value) && value.length > 0) beside ??= path
        } else if (isListOfObjects(value)) {
          const list = foundList(holder, { path, word, items: value })
          if (list) found.push(list)
        } else if (isJsonObject(value) && mayHoldRows(holder, value, word)) below.push({ value, path, word })
      }
    }
    levels.push(found)
    holders = below
  }
  return { levels, beside }
}

/** A list under an unusual name counts where it has items, at the top and in what answers are wrapped in. */
function foundList(
  holder: Holder,
  { path, word, items }: { readonly path: string; readonly word: string; readonly items: readonly unknown[] },
): FoundList | undefined {
  const isUsual = rowKeys.includes(word)
  const isEmpty = items.length === 0
  const isAnywhere = holder.path === '' || wrapper.test(holder.word)
  if (!isUsual && (isEmpty || !isAnywhere)) return undefined
  const [first] = items
  const isConnection =
    word === 'edges' && (isEmpty || (isJsonObject(first) && isJsonObject((first as { node?: unknown }).node)))
  return {
    path: isConnection ? `${path}[*].node` : path,
    parent: holder.path === '' ? '$' : holder.path,
    holder: holder.value,
    word,
    isUsual,
    isEmpty,
  }
}

/** What an entity holds belongs to it, unless its name is one that answers are wrapped in. */
function mayHoldRows(holder: Holder, value: object, word: string): boolean {
  if (wrapper.test(word)) return true
  return bodyShape(holder.value) === 'envelope' && bodyShape(value) !== 'entity'
}

function isListOfObjects(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && (value.length === 0 || isJsonObject(value[0]))
}
