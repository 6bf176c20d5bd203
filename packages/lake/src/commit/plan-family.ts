import { idColumn } from '@millrace/arrow'
import { type CommitTable, FencedError } from '@millrace/pipeline'
import { type CommitStreamOptions, planStream } from './commit-stream.ts'

/** What a table of a family is committed with, beside what every table is. */
export type FamilyOptions = Pick<CommitStreamOptions, 'planned' | 'roots' | 'isAlone'>

/**
 * Works out the commits of a stream that merges and of its nested rows, all before the first is made: what is refused is
 * refused while there is a way back. The rows of the stream decide. Which of them come and go is written to a file, and
 * all tables of nested rows go by that.
 *
 * @param optionsOf - What a table is committed with.
 * @param path - Of the file. It has to be there until all are committed.
 * @returns By stream.
 */
export async function planFamily(
  root: CommitTable,
  nested: readonly CommitTable[],
  optionsOf: (item: CommitTable) => Promise<CommitStreamOptions>,
  path: string,
): Promise<ReadonlyMap<string, FamilyOptions>> {
  const { stream } = root.table
  const options = await optionsOf(root)
  const isAlone = true
  const planned = await planStream(root, { ...options, isAlone, rootIds: { column: idColumn, path } })
  const roots = (): string | undefined => {
    if (planned) return planned.plan?.roots
    // The stream is committed last, so somebody else has committed all of it since.
    throw new FencedError(options.run.pipeline, `"${stream}" was committed meanwhile`)
  }
  const family = new Map<string, FamilyOptions>([[stream, { planned, isAlone }]])
  for (const item of nested) {
    const own = { ...(await optionsOf(item)), roots, isAlone }
    family.set(item.table.stream, { planned: await planStream(item, own), roots, isAlone })
  }
  return family
}
