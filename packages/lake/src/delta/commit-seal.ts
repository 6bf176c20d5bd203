import { createHash } from 'node:crypto'
import { MillraceError } from '@millrace/core'
import { type Action, formatActions } from './actions.ts'

/** Who wrote a commit, in Delta's words, and by what rules. */
const engineInfo = 'Millrace/1'

/** The field of `commitInfo` that holds the digest of the whole commit. */
const digestField = 'millraceSha256'

/**
 * What every commit of ours holds twice, so that one damaged byte cannot make it look like another writer's. Not found
 * inside of a text: there JSON has a backslash before each quote.
 */
const marks = ['"engineInfo":"Millrace/', `"${digestField}":`]

/**
 * The text of a commit, with its own SHA-256 in it: that of the version and of the text with an empty digest. The version,
 * so that a file that is copied to the place of another is not taken for it.
 *
 * @throws {RangeError} where the actions have no `commitInfo` to hold it.
 */
export function sealCommit(version: number, actions: readonly Action[]): string {
  const text = formatActions(
    actions.map((action) =>
      action.commitInfo ? { ...action, commitInfo: { ...action.commitInfo, engineInfo, [digestField]: '' } } : action,
    ),
  )
  const empty = `"${digestField}":""`
  if (!text.includes(empty)) throw new RangeError(`commit ${version} needs a commitInfo`)
  return text.replace(empty, `"${digestField}":"${digestOf(version, Buffer.from(text))}"`)
}

/**
 * Holds a commit of ours to its digest. Those of other writers have none.
 *
 * @throws {MillraceError} `E_CORRUPT` naming the file.
 */
export function checkSeal(version: number, bytes: Uint8Array, path: string): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  if (!marks.some((mark) => text.includes(mark))) return
  const [sealed, digest] = new RegExp(`"${digestField}":"([0-9a-f]{64})"`).exec(text) ?? []
  const unsealed = sealed && Buffer.from(text.replace(sealed, `"${digestField}":""`), 'latin1')
  if (unsealed && digest === digestOf(version, unsealed)) return
  throw new MillraceError('E_CORRUPT', `the commit ${path} is not as it was written; restore it from a copy`, {
    context: { path },
  })
}

function digestOf(version: number, text: Uint8Array): string {
  return createHash('sha256').update(`${version}\n`).update(text).digest('hex')
}
