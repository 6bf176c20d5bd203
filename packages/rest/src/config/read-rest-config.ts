import { createAuth } from '../request/create-client.ts'
import { parseTemplate } from '../request/template.ts'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import { describeIssue } from './describe-issue.ts'
import { mergeDefaults } from './merge-defaults.ts'
import { type ConfigPath, respell } from './respell.ts'
import type { RestConfig } from './rest-config.ts'
import { configSchema } from './schema/config-schema.ts'
import { usesStartValue } from './uses-start-value.ts'

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
  if (checked.success) {
    problems.push(...contradictions(checked.data).map(([path, message]) => ({ path: spell(path), message })))
  } else {
    for (const issue of checked.error.issues) {
      for (const { path, message } of describeIssue(issue)) {
        // What was taken out above because it is unknown is not missing.
        if (!foundByKey.some((found) => found.path === spell(path))) problems.push({ path: spell(path), message })
      }
    }
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return checked.data as RestConfig
}

/** What is wrong only in the light of something else in the configuration. */
function contradictions(config: RestConfig): [ConfigPath, string][] {
  const found: [ConfigPath, string][] = []
  const names = new Set<string>()
  if (config.client.auth) {
    try {
      createAuth(config.client.auth)
    } catch (thrown) {
      found.push([['client', 'auth'], (thrown as Error).message])
    }
  }
  for (const [index, resource] of config.resources.entries()) {
    const path = ['resources', index]
    const merged = mergeDefaults(resource, config.resourceDefaults)
    const { name, endpoint, primaryKey, disposition } = merged
    const namePath = typeof resource === 'string' ? path : [...path, 'name']
    if (names.has(name)) found.push([namePath, `there are two resources with the name "${name}"`])
    names.add(name)
    if (disposition === 'merge' && primaryKey.length === 0) {
      found.push([[...path, 'primaryKey'], 'is missing: merge keeps one row per primary key'])
    }
    const unread = unreadable(endpoint.path)
    if (unread !== undefined) {
      // Checked where it is a path; a name is one only where no path is given.
      found.push([namePath, `is the path too, and ${unread}; set endpoint.path`])
      continue
    }
    const { inPath, anywhere } = usesStartValue(endpoint)
    if (anywhere && !endpoint.incremental) {
      found.push([[...path, 'endpoint'], 'has a placeholder {incremental.…} and no incremental'])
    } else if (inPath && endpoint.incremental?.initialValue === undefined) {
      found.push([[...path, 'endpoint', 'path'], 'has a placeholder that is empty in the first run: set initial_value'])
    }
  }
  return found
}

/** What is wrong with a text as a template. */
function unreadable(text: string): string | undefined {
  try {
    parseTemplate(text)
    return undefined
  } catch (thrown) {
    return (thrown as Error).message
  }
}
