import type { Output } from '../command.ts'

/** What a command is doing right now: one line on a terminal, nothing elsewhere. */
export interface Status {
  /** Takes the place of what was shown before. */
  show(text: string): void
  /** A line that stays, wherever it goes. */
  line(text: string): void
  clear(): void
}

export function createStatus(output: Output): Status {
  const clear = (): void => {
    if (output.isTTY) output.write('\r\u001b[K')
  }
  return {
    show: (text) => {
      clear()
      if (output.isTTY) output.write(text.slice(0, (output.columns ?? 80) - 1))
    },
    line: (text) => {
      clear()
      output.write(`${text}\n`)
    },
    clear,
  }
}
