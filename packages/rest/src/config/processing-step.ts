import type { Row, StandardSchema } from '@millrace/core'

type OrPromise<T> = T | Promise<T>

/**
 * A step that every row of a resource goes through, after selection and before the incremental filter. Functions may be
 * async; they are called row by row and in order.
 */
export type ProcessingStep =
  /** Keeps the rows that the function says true for. */
  | { readonly filter: (row: Row) => OrPromise<boolean> }
  /** Puts what the function gives in the place of the row. */
  | { readonly map: (row: Row) => OrPromise<Row> }
  /** Puts any number of rows in the place of the row. */
  | { readonly yieldMap: (row: Row) => OrPromise<Iterable<Row> | AsyncIterable<Row>> }
  /** Holds rows to a schema of zod, valibot, arktype or any other that speaks Standard Schema, and takes what it gives. */
  | {
      readonly validate: StandardSchema
      /** What a row that does not fit means: an error (`fail`, the default), or a row to leave out and count. */
      readonly onInvalid?: 'fail' | 'discard'
    }
