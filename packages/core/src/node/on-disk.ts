import { errorMessage } from '../error-message.ts'
import { MillraceError } from '../millrace-error.ts'

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free space and write again',
  EDQUOT: 'the disk quota is used up: free space and write again',
  EACCES: 'give this user the right to write there, or choose another path',
  EPERM: 'give this user the right to write there, or choose another path',
  EROFS: 'the file system is read-only: choose another path',
  ENOENT: 'there is no such folder: make it first',
  ENOTDIR: 'a part of the path is a file: choose another path',
  EISDIR: 'there is a folder of that name: choose another path',
  EMFILE: 'too many files are open: raise the limit of open files',
}

/**
 * Runs a call to the file system; what it throws becomes a typed error that names the file and says what to do.
 *
 * @throws {MillraceError} `E_FILE_EXISTS` where there is a file that was to be new; `E_WRITE_FILE` for all else.
 */
export async function onDisk<Result>(path: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (thrown) {
    throw writeError(path, thrown)
  }
}

function writeError(path: string, thrown: unknown): MillraceError {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  const options = { context: { path }, cause: thrown }
  if (code === 'EEXIST')
    return new MillraceError('E_FILE_EXISTS', `${path} exists already and is left as it is`, options)
  const remedy = remedies[code]
  const what = `cannot write ${path}: ${errorMessage(thrown)}`
  return new MillraceError('E_WRITE_FILE', remedy === undefined ? what : `${what}; ${remedy}`, options)
}
