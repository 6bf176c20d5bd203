import { MillraceError } from '@millrace/core'
import { mergeProblem } from './merge-problem.ts'
import type { Source, Stream } from './source.ts'

/**
 * The streams of a run, checked before anything is opened.
 *
 * @param only Names of the streams to run. Missing: all.
 * @throws {MillraceError} `E_STREAM_UNKNOWN`, `E_STREAM_INVALID`.
 */
export function selectStreams(source: Source, only: readonly string[] | undefined): readonly Stream[] {
  const all = source.streams()
  const names = all.map(({ name }) => name)
  if (names.length === 0) {
    throw new MillraceError('E_STREAM_INVALID', 'the source has no streams, so there is nothing to read; select one')
  }
  for (const name of only ?? []) {
    if (!names.includes(name)) {
      throw new MillraceError('E_STREAM_UNKNOWN', `there is no stream "${name}"; the source has ${names.join(', ')}`, {
        context: { stream: name },
      })
    }
  }
  const streams = only ? all.filter(({ name }) => only.includes(name)) : all
  const owners = new Map<string, string>()
  for (const stream of streams) {
    const { name, table = name } = stream
    const problem = mergeProblem(stream)
    if (problem) {
      const { setting, message } = problem
      throw new MillraceError('E_STREAM_INVALID', `${setting} of stream "${name}" ${message}`, {
        context: { stream: name, setting },
      })
    }
    const owner = owners.get(table)
    if (owner !== undefined) {
      throw new MillraceError(
        'E_STREAM_INVALID',
        `streams "${owner}" and "${name}" both write table "${table}"; give one of them another table name`,
        { context: { stream: name, table } },
      )
    }
    owners.set(table, name)
  }
  return streams
}
