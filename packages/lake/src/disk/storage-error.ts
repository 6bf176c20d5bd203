import { errorMessage, isMillraceError, MillraceError } from '@millrace/core'

const remedies: Readonly<Record<string, string>> = {
  EACCES: 'give this user the right to write there, or choose another folder',
  EPERM: 'give this user the right to write there, or choose another folder',
  EROFS: 'the file system is read-only: choose another folder',
  ENOSPC: 'the disk is full: free space and run again; what was staged before is kept',
  EDQUOT: 'the disk quota is used up: free space and run again; what was staged before is kept',
  ENOTDIR: 'a part of the path is a file: choose another folder',
  EEXIST: 'there is a file in the way: choose another folder',
  EMFILE: 'too many files are open: raise the limit of open files',
}

/** The `code` that Node gave an error of the file system. */
export function fileErrorCode(thrown: unknown): string | undefined {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** True where an error says that there is no such file or folder. */
export function isMissing(thrown: unknown): boolean {
  return fileErrorCode(thrown) === 'ENOENT'
}

/**
 * Runs something that touches the disk; what it throws comes out as ours, with the path and what to do.
 *
 * @throws {MillraceError} `E_STORAGE`
 */
export async function onDisk<Result>(doing: string, path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (thrown) {
    throw storageError(doing, path, thrown)
  }
}

export function storageError(doing: string, path: string, thrown: unknown): MillraceError {
  if (isMillraceError(thrown)) {
    // What the Parquet writer says of the disk is said again in this package's words, so that a caller knows one code.
    return thrown.code === 'E_WRITE_FILE' ? storageError(doing, path, thrown.cause) : thrown
  }
  const remedy = remedies[fileErrorCode(thrown) ?? ''] ?? 'see the cause'
  return new MillraceError('E_STORAGE', `could not ${doing} ${path}: ${errorMessage(thrown)}; ${remedy}`, {
    context: { path },
    cause: thrown,
  })
}
