import type { z } from 'zod'
import { checkResources } from './check-resources.ts'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import { describeIssue } from './describe-issue.ts'
import { respell } from './respell.ts'
import type { RestConfig } from './rest-config.ts'
import { configSchema } from './schema/config-schema.ts'

/**
 * A configuration that is known to be sound, from whatever a file or a program holds: in dlt's spelling (`base_url`), in
 * TypeScript's (`baseUrl`), or in both.
 *
 * @throws {ConfigError} `E_CONFIG`, with all problems at once, each with its path in the configuration's own spelling.
 * @example
 * const config = readRestConfig({ client: { base_url: 'https://api.example.com' }, resources: ['events'] })
 */
export function readRestConfig(value: unknown): RestConfig {
  const { value: respelled, problems: foundByKey, spell } = respell(value, configSchema)
  const checked = configSchema.safeParse(respelled)
  const problems: ConfigProblem[] = [...foundByKey]
  if (!checked.success) {
    for (const issue of checked.error.issues) {
      for (const { path, message } of describeIssue(issue)) {
        // What was taken out above because it is unknown is not missing.
        if (!foundByKey.some((found) => found.path === spell(path))) problems.push({ path: spell(path), message })
      }
    }
  }
  const checkable = checked.success
    ? { config: checked.data, wrong: new Set<number>() }
    : soundPart(respelled, checked.error)
  const found = checkable ? checkResources(checkable.config, checkable.wrong) : []
  problems.push(...found.map(([path, message]) => ({ path: spell(path), message })))
  if (problems.length > 0) throw new ConfigError(problems)
  return checked.data as RestConfig
}

/** What can be checked although some resources are wrong: those are there by name only. Undefined where more is wrong. */
function soundPart(
  config: unknown,
  { issues }: z.ZodError,
): { readonly config: RestConfig; readonly wrong: ReadonlySet<number> } | undefined {
  if (issues.some(({ path: [key, index] }) => key !== 'resources' || index === undefined)) return undefined
  const wrong = new Set(issues.map(({ path: [, index] }) => Number(index)))
  const { resources } = config as { readonly resources: readonly unknown[] }
  const named = resources.map((each, index) => (wrong.has(index) ? (each as { name?: unknown } | null)?.name : each))
  const sound = configSchema.safeParse({ ...(config as object), resources: named })
  return sound.success ? { config: sound.data, wrong } : undefined
}
