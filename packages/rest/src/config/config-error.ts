import { MillraceError } from '@millrace/core'

/** One thing wrong with a configuration. */
export interface ConfigProblem {
  /** Where, in the spelling of the configuration itself: `resources[0].endpoint.data_selector`. */
  readonly path: string
  /** What is wrong, and what would be right. Never holds the value that was found: it may be a secret. */
  readonly message: string
}

/** The configuration cannot be used. Carries all problems at once. A caller shows them and changes nothing else. */
export class ConfigError extends MillraceError {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    const [only] = lines
    super(
      'E_CONFIG',
      lines.length === 1
        ? `${only}`
        : `the configuration has ${lines.length} problems:\n${lines.map((line) => `  ${line}`).join('\n')}`,
      { context: { problems: problems.length } },
    )
    this.problems = Object.freeze([...problems])
  }
}
