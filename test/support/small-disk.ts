import { execFile } from 'node:child_process'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Mounting a file system is for root. Continuous integration is root: there a test must not look away. */
export const canMount: boolean = process.getuid?.() === 0 || process.env['CI'] !== undefined

/**
 * Gives `use` a folder on a disk of its own that holds so many bytes, and removes both afterwards.
 *
 * A real file system that really gets full: what an error looks like there, no mock knows.
 */
export async function withSmallDisk<Result>(bytes: number, use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-disk-'))
  const run = promisify(execFile)
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder])
    try {
      return await use(folder)
    } finally {
      await run('umount', [folder])
    }
  } finally {
    await rmdir(folder)
  }
}
