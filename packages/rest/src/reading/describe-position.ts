import type { Position } from '@millrace/core'
import { watermarkFromJson } from '../incremental/watermark-json.ts'
import { isFinishedRead } from './read-position.ts'

/** How far a stream got, for people; undefined for a position that no REST stream has made. */
export function describePosition(position: Position): string | undefined {
  const { page } = position
  if (typeof page !== 'number') return undefined
  const pages = `${page} ${page === 1 ? 'page' : 'pages'}`
  const how = isFinishedRead(position) ? `all read, ${pages}` : `stopped after ${pages}, goes on there`
  const watermark = describeWatermark(position)
  return watermark === undefined ? how : `${how}; ${watermark}`
}

function describeWatermark({ watermark: stored }: Position): string | undefined {
  const watermark = watermarkFromJson(stored)
  if (!watermark) return undefined
  const { cursorPath, perParent } = watermark.cursor
  const marks = [...watermark.progress.values()].flatMap(({ now }) => now.last ?? [])
  if (marks.length === 0) return undefined
  return perParent ? `${cursorPath} of ${marks.length} parents` : `${cursorPath} ${marks[0]}`
}
