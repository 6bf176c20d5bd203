import type { JsonObject, MillraceEvent } from '@millrace/core'
import type { Detected } from '@millrace/paginate'

/** What was found out from the first answer of a stream, told so that it can be pasted; undefined where nothing was. */
export function detectedEvent(
  stream: string,
  paginator: Detected | undefined,
  rows: { readonly path: string | undefined; readonly reason: string } | undefined,
): MillraceEvent | undefined {
  if (!paginator && !rows) return undefined
  return {
    type: 'detected',
    stream,
    ...(paginator && { paginator: { ...paginator.settings } as JsonObject }),
    ...(rows?.path !== undefined && { dataSelector: rows.path }),
    reason: [rows?.reason, paginator?.reason].filter((reason) => reason !== undefined).join('; '),
  }
}
