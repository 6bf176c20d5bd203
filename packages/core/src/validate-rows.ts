import { map } from 'ix/asynciterable/operators/map'
import { MillraceError } from './millrace-error.ts'
import type { IxOperator } from './operator.ts'
import type { Page } from './page.ts'
import type { StandardIssue, StandardResult, StandardSchema } from './standard-schema.ts'

/** As many issues of a row as a message names. */
const mostIssues = 5

/**
 * Holds rows to a schema of zod, valibot, arktype or any other that speaks Standard Schema, and gives what it makes of
 * them: rows with the schema's type.
 *
 * What a schema answers at once is not awaited; an asynchronous one is awaited row by row.
 *
 * Shape:  AsyncIterable<Page<unknown>> → AsyncIterable<Page<Out>>, as many rows in each page as before.
 * Order:  preserved.
 * Memory: one page.
 * Pulls:  lazy; one page for each that is asked for. On early exit calls `return()` on the source.
 *
 * @throws {MillraceError} `E_ROW_INVALID`, with page and row in `context`, for the first row that does not fit.
 * @example
 * const typed = pipe(pages, validateRows(z.object({ id: z.number(), name: z.string() })))
 */
export function validateRows<Out>(schema: StandardSchema<Out>): IxOperator<Page<unknown>, Page<Out>> {
  return map(async (page: Page<unknown>, pageIndex: number): Promise<Page<Out>> => {
    const rows: Out[] = []
    for (const [index, row] of page.rows.entries()) {
      const waiting = schema['~standard'].validate(row)
      const result: StandardResult<Out> = waiting instanceof Promise ? await waiting : waiting
      if (result.issues) throw invalidRow(page, pageIndex, index, describeIssues(schema, result.issues))
      rows.push(result.value)
    }
    return { ...page, rows }
  })
}

/** What a schema finds wrong with a row, in one line. */
export function describeIssues(schema: StandardSchema, issues: readonly StandardIssue[]): string {
  const lines = issues.slice(0, mostIssues).map(({ path = [], message }) => {
    const keys = path.map((each) => String(typeof each === 'object' ? each.key : each)).join('.')
    return keys === '' ? message : `${keys}: ${message}`
  })
  const more = issues.length > mostIssues ? ` and ${issues.length - mostIssues} more` : ''
  return `${lines.join('; ')}${more} (schema of ${schema['~standard'].vendor})`
}

function invalidRow(page: Page<unknown>, pageIndex: number, row: number, problem: string): MillraceError {
  const url = page.meta?.url
  const from = url === undefined ? '' : ` (${url})`
  return new MillraceError(
    'E_ROW_INVALID',
    `validateRows: row ${row} of page ${pageIndex}${from}, both counted from 0, does not fit the schema: ${problem}`,
    { context: { operator: 'validateRows', page: pageIndex, row, ...(url !== undefined && { url }) } },
  )
}
