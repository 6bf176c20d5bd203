import type { Redact } from '@millrace/core'

/** The part of a stream that the command line needs: a test gives its own. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** What a command runs in. */
export interface Surroundings {
  /** Results, and nothing else. */
  readonly stdout: Output
  /** Progress, warnings, errors. */
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Fires where a person or a supervisor wants an end: what only reads gives up, a run stops in order. */
  readonly stop: AbortSignal
  /** Fires where there is no more time for that. */
  readonly signal: AbortSignal
}

/** An option as `parseArgs` of Node takes it. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean'
}

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>

export interface CommandInput extends Surroundings {
  readonly positionals: readonly string[]
  readonly options: OptionValues
  /** Told by a command that read secrets: from here on, errors and progress are scrubbed of them. */
  hide(redact: Redact): void
}

/** One verb of the command line. */
export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** Everything below `Usage:` in its `--help`. */
  readonly help: string
  /** How many positional arguments it takes: at least, at most. */
  readonly positionals: readonly [number, number]
  readonly options: Readonly<Record<string, OptionSpec>>
  /** @returns An exit code, where it is another than 0. */
  run(input: CommandInput): Promise<number | undefined>
}
