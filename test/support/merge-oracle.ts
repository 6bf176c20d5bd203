import type { Row } from '@millrace/core'
import { deletedAtColumn, type MergePlan } from '@millrace/pipeline'

/** What a table has to hold after a merge, worked out row by row. */
export function mergeOracle(
  live: readonly Row[],
  staged: readonly Row[],
  plan: MergePlan,
  primaryKey: readonly string[],
): Row[] {
  const { strategy, mergeKey, dedupSort, hardDelete, deletedRows, versions, isWhole } = plan
  const own = new Set([deletedAtColumn, versions?.validFrom, versions?.validTo])
  const contentOf = (row: Row): string => textOf(row, (name) => !own.has(name))
  const isKeyless = primaryKey.length === 0
  const keyOf = (row: Row): string => (isKeyless ? contentOf(row) : JSON.stringify(primaryKey.map((name) => row[name])))
  const partOf = (row: Row): string => JSON.stringify(mergeKey.map((name) => row[name]))
  const parts = new Set(mergeKey.length > 0 ? staged.map(partOf) : [])
  const deletes = (row: Row): boolean => {
    const value = hardDelete === undefined ? undefined : row[hardDelete]
    return typeof value === 'boolean' ? value : value !== undefined && value !== null
  }
  /** Above 0 where `a` is to stay rather than `b`. */
  const compare = (a: Row, b: Row): number => {
    const [one, other] = [a, b].map((row) => (dedupSort ? row[dedupSort.column] : undefined) ?? undefined)
    if (one === undefined || other === undefined) return Number(one !== undefined) - Number(other !== undefined)
    return (Number(one) - Number(other)) * (dedupSort?.order === 'asc' ? -1 : 1)
  }
  const winners = new Map<string, Row>()
  for (const row of staged) {
    const other = winners.get(keyOf(row))
    if (!other || compare(other, row) <= 0) winners.set(keyOf(row), row)
  }
  const coming = isKeyless && strategy === 'delete-insert' ? staged : [...winners.values()]
  const at = new Date(plan.at).toISOString()

  if (versions) {
    const { validFrom, validTo, active = null, column } = versions
    const isActive = (row: Row): boolean => (row[validTo] ?? null) === active
    const latest = live.filter(isActive).map((row) => String(row[validFrom]))
    const moment = [versions.boundary ?? at, ...(versions.boundary === undefined ? latest : [])].sort().at(-1)
    const versionOf = (row: Row): unknown => (column === undefined ? contentOf(row) : row[column])
    const stays = new Set<string>()
    const kept = live.map((row): Row => {
      const winner = winners.get(keyOf(row))
      if (!isActive(row)) return row
      if (!winner && !(mergeKey.length > 0 ? parts.has(partOf(row)) : isWhole)) return row
      if (!winner || deletes(winner) || versionOf(winner) !== versionOf(row)) return { ...row, [validTo]: moment }
      stays.add(keyOf(row))
      return row
    })
    const added = coming.filter((row) => !deletes(row) && !stays.has(keyOf(row)))
    return [...kept, ...added.map((row) => ({ ...row, [validFrom]: moment, [validTo]: active }))]
  }
  if (strategy === 'delete-insert') {
    const kept = live.filter((row) => !parts.has(partOf(row)) && (isKeyless || !winners.has(keyOf(row))))
    return [...swept(kept), ...coming.filter((row) => !deletes(row))]
  }
  const there = new Map(live.map((row) => [keyOf(row), row]))
  const isBeaten = (row: Row): boolean => {
    const other = there.get(keyOf(row))
    return other !== undefined && (strategy === 'insert-only' || compare(other, row) > 0)
  }
  const kept = live.flatMap((row) => {
    const winner = winners.get(keyOf(row))
    return !winner ? swept([row]) : isBeaten(winner) ? [{ ...row, [deletedAtColumn]: null }] : []
  })
  return [...kept, ...coming.filter((row) => !deletes(row) && !isBeaten(row))]

  /** What becomes of rows that did not come. */
  function swept(rows: readonly Row[]): readonly Row[] {
    if (!isWhole || deletedRows === 'keep') return rows
    return deletedRows === 'remove'
      ? []
      : rows.map((row) => ({ ...row, [deletedAtColumn]: row[deletedAtColumn] ?? at }))
  }
}

/** A row as text, without its nulls: readers differ in how they give integers, times and columns without a value. */
export function textOf(row: Row, isWanted: (column: string) => boolean = () => true): string {
  const filled = Object.entries(row).filter(([name, value]) => isWanted(name) && value !== null && value !== undefined)
  return JSON.stringify(filled.sort(), (_, value: unknown) => {
    if (typeof value === 'bigint' || typeof value === 'number') return String(value)
    return typeof value === 'string' && /^\d{4}-\d\d-\d\d \d\d:\d\d/.test(value) ? new Date(value).toISOString() : value
  })
}
