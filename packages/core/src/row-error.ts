import { errorMessage } from './error-message.ts'
import { isPromise } from './is-promise.ts'
import { MillraceError } from './millrace-error.ts'
import type { Page } from './page.ts'

/** Says at which row a function of the user's failed: the one place where a per-row function can be told from its page. */
export function rowError(
  operator: string,
  page: Page<unknown>,
  pageIndex: number,
  row: number,
  thrown: unknown,
): MillraceError {
  const from = page.meta === undefined ? '' : ` (${page.meta.url})`
  return new MillraceError(
    'E_ROW_FUNCTION',
    `${operator}: the function failed at row ${row} of page ${pageIndex}${from}, both counted from 0: ${errorMessage(thrown)}`,
    {
      context: {
        operator,
        page: pageIndex,
        row,
        ...(page.meta === undefined ? {} : { url: page.meta.url }),
      },
      cause: thrown,
    },
  )
}

/**
 * Refuses a promise where a row or an answer belongs: a promise is truthy and an object, so it would pass for either.
 *
 * Asked once per page, of its first row: a function is `async` for all rows or for none.
 */
export function refusePromise(value: unknown): void {
  if (isPromise(value)) {
    throw new TypeError('it returned a promise, but must answer at once; await per page instead, with map() of ix')
  }
}
