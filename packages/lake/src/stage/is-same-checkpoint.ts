import type { Checkpoint } from '@millrace/pipeline'

export function isSameCheckpoint(a: Checkpoint, b: Checkpoint): boolean {
  return a.pages === b.pages && a.rows === b.rows && JSON.stringify(a.position) === JSON.stringify(b.position)
}
