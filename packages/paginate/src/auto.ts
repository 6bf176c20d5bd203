import { type JsonObject, MillraceError } from '@millrace/core'
import { detectPaginator } from './detect/detect-paginator.ts'
import type { Detected } from './detect/detected.ts'
import { fromSettings } from './from-settings.ts'
import type { Answer, PageRequest, Paginator } from './paginator.ts'
import { countAt, receivedBy } from './read-answer.ts'

/** What is carried from request to request. */
interface Memo {
  readonly detected: Omit<Detected, 'reason'>
  /** Of the paginator that was found. */
  readonly memo?: JsonObject
}

const detecting: Paginator = Object.freeze({ name: 'auto', first: (): PageRequest => ({}), next, total })

/**
 * Asks for the endpoint as it is, finds out from the answer how the API pages (`detectPaginator`), and goes on that way.
 *
 * One page where nothing was found. Names of query parameters are guesses where no link tells them: an API that ignores
 * one gives the same page again, or says that it gave another than was asked for, and both end in an error.
 *
 * @throws {MillraceError} `E_PAGINATOR` from `next`, where an answer is of another page than was asked for, and as the
 *   paginator that was found.
 */
export function auto(): Paginator {
  return detecting
}

function next(answer: Answer, request: PageRequest): PageRequest | undefined {
  const known = memoOf(request)
  const detected = known?.detected ?? detectPaginator(answer)
  if (!detected) return undefined
  if (known) refuseOtherPage(detected, answer, request)
  const paginator = fromSettings(detected.settings)
  const following = paginator.next(answer, known ? askedOf(request, known) : paginator.first())
  if (!following) return undefined
  const { settings, echo, rowsPath } = detected
  const { memo, ...rest } = following
  const carried = { detected: { settings, ...(echo && { echo }), ...(rowsPath !== undefined && { rowsPath }) } }
  return { ...rest, memo: { ...carried, ...(memo && { memo }) } as unknown as JsonObject }
}

function total(answer: Answer, request: PageRequest): number | undefined {
  const known = memoOf(request)
  const detected = known?.detected ?? detectPaginator(answer)
  if (!detected) return undefined
  if (detected.rowsPath !== undefined) return countAt(answer, detected.rowsPath)
  const paginator = fromSettings(detected.settings)
  return paginator.total?.(answer, known ? askedOf(request, known) : paginator.first())
}

/** A request as the paginator that was found made it. */
function askedOf({ memo: _, ...request }: PageRequest, { memo }: Memo): PageRequest {
  return { ...request, ...(memo && { memo }) }
}

function memoOf({ memo }: PageRequest): Memo | undefined {
  if (memo === undefined) return undefined
  const { detected } = memo
  if (typeof detected === 'object' && detected !== null && 'settings' in detected) return memo as unknown as Memo
  throw new MillraceError(
    'E_POSITION',
    'paginator "auto": the position to go on from was made by another paginator; start without it',
  )
}

function refuseOtherPage({ echo }: Memo['detected'], answer: Answer, { query }: PageRequest): void {
  const given = echo && receivedBy(answer) > 0 ? countAt(answer, echo.path) : undefined
  const asked = echo && query?.[echo.param]
  if (echo === undefined || given === undefined || asked === undefined || given === asked) return
  throw new MillraceError(
    'E_PAGINATOR',
    `paginator "auto": asked for ${echo.param}=${asked}, and the answer says "${echo.path}": ${given}: the name of the parameter was a guess and seems to be wrong; set the paginator as the API's documentation has it`,
    { context: { paginator: 'auto', rows: answer.rows.length, url: answer.meta?.url } },
  )
}
