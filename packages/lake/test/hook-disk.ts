import { open } from 'node:fs/promises'
import { createRequire, syncBuiltinESMExports } from 'node:module'

type Call = (this: unknown, ...parameters: unknown[]) => unknown

/** Something that is about to be done to the disk. */
export interface Touch {
  readonly name: string
  /** Of what is made or removed, where that is told: of a link the new name. */
  readonly path: string
  /** Does the first half of a write. Nothing for what is no write. */
  tear(): Promise<void>
}

/** What writes bytes, and may be torn. */
export const writes: readonly string[] = ['write', 'writeFile']

/**
 * Calls `before` ahead of everything that this process does to the disk from now on, and what it returns behind it; what
 * `before` throws is what the disk throws. Returns how to stop.
 *
 * The functions of Node itself are replaced: the library under test is the one that users have.
 */
export async function hookDisk(
  before: (touch: Touch) => Promise<undefined | (() => void)> | Promise<void>,
): Promise<() => void> {
  const file = await open(process.execPath)
  const handle = Object.getPrototypeOf(file) as Record<string, Call>
  await file.close()
  const disk = createRequire(import.meta.url)('node:fs/promises') as Record<string, Call>
  const originals: (() => void)[] = []

  const hook = (owner: Record<string, Call>, name: string): void => {
    const call = owner[name] as Call
    originals.push(() => {
      owner[name] = call
    })
    owner[name] = async function (this: unknown, ...parameters) {
      const tear = async (): Promise<void> => {
        if (name === 'writeFile') {
          const [content, ...rest] = parameters as [string | Uint8Array]
          await call.call(this, content.slice(0, Math.floor(content.length / 2)), ...rest)
        }
        if (name !== 'write') return
        const [bytes, from = 0, length, position = null] = parameters as [Uint8Array, number?, number?, number?]
        const half = Math.floor((length ?? bytes.length - from) / 2)
        await call.call(this, bytes, from, half, position)
      }
      const named = owner === disk ? parameters[name === 'link' || name === 'rename' ? 1 : 0] : ''
      const after = await before({ name, path: String(named), tear })
      const result = await call.apply(this, parameters)
      after?.()
      return result
    }
  }
  for (const name of ['link', 'rename', 'rm', 'mkdir', 'open', 'unlink']) hook(disk, name)
  for (const name of ['sync', 'datasync', ...writes]) hook(handle, name)
  syncBuiltinESMExports()
  return () => {
    for (const restore of originals) restore()
    syncBuiltinESMExports()
  }
}
