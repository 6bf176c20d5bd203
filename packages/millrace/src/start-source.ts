import { createRedact } from '@millrace/core'
import type { Source } from '@millrace/pipeline'
import type { CommandInput } from './command.ts'
import { loadSource } from './config/load-source.ts'
import { createProgress, type Progress } from './output/progress.ts'

/** Loads the configuration that a command was given; from here on, none of its output shows a secret of it. */
export async function startSource(input: CommandInput): Promise<{ source: Source; progress: Progress }> {
  const [path = ''] = input.positionals
  const { source, secrets } = await loadSource(path, input.env)
  const redact = createRedact(secrets)
  input.hide(redact)
  return { source, progress: createProgress(input.stderr, redact) }
}
