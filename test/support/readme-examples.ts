/** A fenced block of a README. */
export interface Fence {
  /** From 1: the line of the opening fence. */
  readonly line: number
  readonly language: string
  /** What stands between the fences, with its last line break. */
  readonly text: string
  /** The file it shows, relative to the README: `path`, or `path#region`. */
  readonly example?: string
}

const marker = /^<!-- example: (\S+) -->$/

/** Reads the fenced blocks of a Markdown file. A marker is the line just above a fence. */
export function readFences(markdown: string): Fence[] {
  const lines = markdown.split('\n')
  const fences: Fence[] = []
  for (let at = 0; at < lines.length; at++) {
    const language = /^```(\S*)$/.exec(lines[at] ?? '')?.[1]
    if (language === undefined) continue
    const close = lines.indexOf('```', at + 1)
    if (close === -1) throw new Error(`the fence opened in line ${at + 1} is not closed`)
    const example = marker.exec(lines[at - 1] ?? '')?.[1]
    fences.push({
      line: at + 1,
      language,
      text: lines
        .slice(at + 1, close)
        .map((line) => `${line}\n`)
        .join(''),
      ...(example === undefined ? {} : { example }),
    })
    at = close
  }
  return fences
}

/** The part of a file between `// #region name` and `// #endregion` (`#` alone in YAML). */
export function readRegion(text: string, name: string): string {
  const lines = text.split('\n').map((line) => `${line}\n`)
  const start = lines.findIndex((line) => /^\s*(\/\/|#) #region (.*)\n$/.exec(line)?.[2] === name)
  const length = lines.slice(start + 1).findIndex((line) => /^\s*(\/\/|#) #endregion/.test(line))
  if (start === -1 || length === -1) throw new Error(`there is no region "${name}"`)
  return lines.slice(start + 1, start + 1 + length).join('')
}
