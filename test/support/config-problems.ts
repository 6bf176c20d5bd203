import { ConfigError, type ConfigProblem, readRestConfig } from '@millrace/rest'

/** What `readRestConfig` finds wrong with a configuration: nothing, or all of it. */
export function problemsOf(config: unknown): readonly ConfigProblem[] {
  try {
    readRestConfig(config)
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems
    throw thrown
  }
  return []
}

/** The same, each problem in one line: its path, and what is wrong there. */
export function problemLinesOf(config: unknown): string[] {
  return problemsOf(config).map(({ path, message }) => `${path}: ${message}`)
}
