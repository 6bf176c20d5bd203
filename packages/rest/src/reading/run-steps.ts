import { describeIssues, errorMessage, isMillraceError, isPromise, MillraceError, type Row } from '@millrace/core'
import type { ProcessingStep } from '../config/processing-step.ts'

export interface SteppedRows {
  readonly rows: readonly Row[]
  /** Rows that a `validate` step left out. */
  readonly invalid: number
  /** What was wrong with the first of them, and where it stands. */
  readonly firstInvalid: string | undefined
}

/** Leads the rows of a page through the steps of a resource. */
export type RunSteps = (rows: readonly Row[], url: string) => Promise<SteppedRows>

type OrPromise<T> = T | Promise<T>

/** Puts what a step makes of one row at the end of `made`. A promise only where there is something to wait for. */
type StepOfRow = (row: Row, made: Row[]) => undefined | Promise<undefined>

/**
 * The steps of a resource, each in one loop over the page. What answers at once is not awaited; what gives a promise is
 * awaited row by row, in order.
 *
 * @throws {MillraceError} `E_ROW_FUNCTION`, `E_ROW_INVALID` from the function, with step, row and URL.
 */
export function createRunSteps(steps: readonly ProcessingStep[], stream: string): RunSteps {
  return async (page, url) => {
    let rows = page
    let invalid = 0
    let firstInvalid: string | undefined
    for (const [index, step] of steps.entries()) {
      const made: Row[] = []
      let at = 0
      const discard = (problem: string): void => {
        invalid += 1
        firstInvalid ??= `row ${at} (counted from 0) of ${url}: ${problem}`
      }
      const run = stepOfRow(step, discard)
      try {
        for (; at < rows.length; at++) {
          const waiting = run(rows[at] as Row, made)
          if (waiting) await waiting
        }
      } catch (thrown) {
        throw failure(thrown, { step: Object.keys(step)[0] ?? '', index, row: at, stream, url })
      }
      rows = made
    }
    return { rows, invalid, firstInvalid }
  }
}

function stepOfRow(step: ProcessingStep, discard: (problem: string) => void): StepOfRow {
  if ('filter' in step) {
    return (row, made) =>
      then(step.filter(row), (isKept) => {
        if (isKept) made.push(row)
      })
  }
  if ('map' in step) {
    return (row, made) =>
      then(step.map(row), (mapped) => {
        made.push(requireRow(mapped))
      })
  }
  if ('yieldMap' in step) return (row, made) => then(step.yieldMap(row), (several) => pushAll(several, made))
  const { validate, onInvalid = 'fail' } = step
  return (row, made) =>
    then(validate['~standard'].validate(row), (result) => {
      if (!result.issues) made.push(requireRow(result.value))
      else if (onInvalid === 'fail') throw new InvalidRow(describeIssues(validate, result.issues))
      else discard(describeIssues(validate, result.issues))
    })
}

function then<T>(value: OrPromise<T>, next: (value: T) => unknown): undefined | Promise<undefined> {
  const waiting = isPromise(value) ? value.then(next) : next(value)
  return isPromise(waiting) ? waiting.then(() => undefined) : undefined
}

function pushAll(several: Iterable<Row> | AsyncIterable<Row>, made: Row[]): undefined | Promise<void> {
  if (typeof several !== 'object' || several === null) throw new TypeError(`it gave ${kindOf(several)}, expected rows`)
  if (Symbol.asyncIterator in several) return pushAllAsync(several, made)
  for (const row of several) made.push(requireRow(row))
  return undefined
}

async function pushAllAsync(several: AsyncIterable<Row>, made: Row[]): Promise<void> {
  for await (const row of several) made.push(requireRow(row))
}

function requireRow(value: unknown): Row {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row
  throw new TypeError(`it gave ${kindOf(value)}, and a row must be an object`)
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value
}

/** What a schema found wrong with a row. */
class InvalidRow extends Error {}

interface Place {
  readonly step: string
  readonly index: number
  readonly row: number
  readonly stream: string
  readonly url: string
}

function failure(thrown: unknown, { step, index, row, stream, url }: Place): MillraceError {
  const context = { stream, step: index, row, url }
  const where = `at row ${row} (counted from 0) of ${url}`
  if (thrown instanceof InvalidRow) {
    return new MillraceError(
      'E_ROW_INVALID',
      `${where.replace(/^at /, '')} does not fit the schema of step ${index}: ${thrown.message}; mend the schema, or set on_invalid: discard`,
      { context },
    )
  }
  return new MillraceError(
    'E_ROW_FUNCTION',
    `the ${step} function of step ${index} failed ${where}: ${errorMessage(thrown)}`,
    { context, cause: thrown, ...(isMillraceError(thrown) && { retryable: thrown.retryable }) },
  )
}
