import type { AddFile } from '../delta/actions.ts'
import { groupByPartition } from '../delta/partition-columns.ts'

/** Files whose rows are to be written anew together: names in the table's folder with their entries in the log. */
export type FileGroup = readonly (readonly [name: string, file: AddFile])[]

/** Of a file that was sorted together with others: by which columns, and when. */
const sortTag = 'millrace.sorted'

export function sortTags(sortBy: readonly string[], id: string): NonNullable<AddFile['tags']> {
  return sortBy.length === 0 ? {} : { [sortTag]: JSON.stringify([sortBy, id]) }
}

/**
 * Which files of a table to write anew; none where that would change nothing. What is written together is of one partition.
 *
 * Without columns to sort by: files of less than half the target, as many as make one together, in the order of the log.
 * With: all files at once, unless they have been sorted by these columns together and are all that there is. Sorted only
 * among themselves, new files would still overlap with all others.
 */
export function chooseGroups(
  files: ReadonlyMap<string, AddFile>,
  sortBy: readonly string[],
  targetBytes: number,
): readonly FileGroup[] {
  return groupByPartition(files, ([, file]) => file).flatMap((partition) => chooseIn(partition, sortBy, targetBytes))
}

function chooseIn(all: FileGroup, sortBy: readonly string[], targetBytes: number): readonly FileGroup[] {
  if (sortBy.length > 0) return isSorted(all, sortBy) ? [] : [all]
  const groups: (readonly [string, AddFile])[][] = []
  let open = 0
  for (const each of all.filter(([, { size }]) => size < targetBytes / 2)) {
    const { size } = each[1]
    const last = groups.at(-1)
    if (last && open + size <= targetBytes) last.push(each)
    else {
      groups.push([each])
      open = 0
    }
    open += size
  }
  return groups.filter(({ length }) => length > 1)
}

function isSorted(files: FileGroup, sortBy: readonly string[]): boolean {
  const [first, ...others] = files.map(([, { tags }]) => tags?.[sortTag])
  return first?.startsWith(`[${JSON.stringify(sortBy)},`) === true && others.every((tag) => tag === first)
}
