import { errorMessage, isMillraceError } from '@millrace/core'

/**
 * What is wrong with a file.
 *
 * - `missing`, `size`, `content` (its SHA-256), `rows`: it is not as the log says.
 * - `unreadable`: it is no whole Parquet file.
 * - `log`: a version, a checkpoint or a stored state cannot be read, so that some versions of the table cannot.
 * - `stage`: a journal is damaged or torn, or a staged file is not as it was written.
 */
export type Problem = 'missing' | 'size' | 'content' | 'rows' | 'unreadable' | 'log' | 'stage'

/** Something that is not as it was written. */
export interface Finding {
  /** Missing for what belongs to no table. */
  readonly table?: string
  /** Where the file is, or should be. */
  readonly path: string
  readonly problem: Problem
  /** In words, with what to do. */
  readonly message: string
}

/** What an error says, as a finding: of the file that it names, or of `path`. */
export function findingOf(thrown: unknown, problem: Problem, path: string, table?: string): Finding {
  const named = isMillraceError(thrown) ? thrown.context['path'] : undefined
  return {
    ...(table === undefined ? {} : { table }),
    path: typeof named === 'string' ? named : path,
    problem,
    message: errorMessage(thrown),
  }
}
