import { isJsonObject } from '@millrace/core'
import type { Answer } from '../paginator.ts'
import { joinPath } from '../value-at.ts'

/** How deep an answer is searched: `data.repositories.pageInfo.endCursor` of a GraphQL API is as deep as it gets. */
const deepest = 4

/** Objects that APIs keep what they say about pages in, in the spelling of {@link wordOf}. */
const pagingContainers =
  /^(meta(data|info)?|links?|pag(e|ing|ination|er|einfo)(info|data|details)?|cursors?|response(metadata|info)?|next|info|data|d|body|results?|payload|embedded|listinfo|summary)$/

/** One value of an answer that is no object and no list, outside of the rows. */
export interface Field {
  readonly path: string
  /** As the API spells it. */
  readonly name: string
  /** The name in small letters and digits alone: `@odata.nextLink` and `odata_next_link` are the same word. */
  readonly word: string
  readonly value: unknown
  /** Path of the object that holds it; empty for the body. */
  readonly parent: string
  readonly parentWord: string
  /** Whether it stands where APIs speak of pages: at the top, in `meta` and the like, or beside the rows. */
  readonly isBesideRows: boolean
}

/**
 * Every plain value of a body outside of the rows, those near the top first.
 *
 * A row is data, whatever its keys are called, and so is everything in a list.
 */
export function collectFields({ body, rows }: Answer): readonly Field[] {
  const fields: Field[] = []
  const isRow = new Set<unknown>(rows)
  let level = isJsonObject(body) && !isRow.has(body) ? [{ value: body, path: '', word: '', isBesideRows: true }] : []
  for (let depth = 1; depth <= deepest && level.length > 0; depth++) {
    const below: typeof level = []
    for (const container of level) {
      for (const [name, value] of Object.entries(container.value)) {
        const path = joinPath(container.path, name)
        if (path === undefined || Array.isArray(value) || isRow.has(value)) continue
        const word = wordOf(name)
        if (isJsonObject(value)) {
          const isBesideRows = pagingContainers.test(word) || holdsRows(value, rows)
          below.push({ value, path, word, isBesideRows })
        } else {
          const { path: parent, word: parentWord, isBesideRows } = container
          fields.push({ path, name, word, value, parent, parentWord, isBesideRows })
        }
      }
    }
    level = below
  }
  return fields
}

export function wordOf(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

/** A whole number from 0, also one written as text. */
export function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined
}

function holdsRows(container: object, [first]: readonly unknown[]): boolean {
  return first !== undefined && Object.values(container).some((value) => Array.isArray(value) && value[0] === first)
}
