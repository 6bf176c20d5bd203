import { statSync } from 'node:fs'
import { lake } from '@millrace/lake'
import type { Destination } from '@millrace/pipeline'
import { UsageError } from './usage-error.ts'

/**
 * The destination that a word on the command line names: a folder is a lake.
 *
 * @throws {UsageError} for a file, and for a scheme that has no destination.
 */
export function openDestination(text: string): Destination {
  return lake(lakeFolder(text))
}

/** The folder of a lake, checked. */
export function lakeFolder(text: string): string {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]
  if (scheme !== undefined) {
    throw new UsageError(
      `there is no destination for "${scheme}:" yet; name a folder to keep Delta tables in, such as ./data`,
    )
  }
  if (statSync(text, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError(`${text} is a file; a lake is a folder`)
  }
  return text
}
