import { settle } from './turns.ts'

/** Rejections that nobody handled while `work` went on and for a few turns of the event loop after it. */
export async function unhandledDuring(work: () => Promise<void>): Promise<unknown[]> {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  try {
    await work()
    await settle()
  } finally {
    process.off('unhandledRejection', note)
  }
  return unhandled
}
