import { readFile } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { errorMessage, type Secret } from '@millrace/core'
import type { Source } from '@millrace/pipeline'
import { ConfigError, type RestConfig, readRestConfig, restSource } from '@millrace/rest'
import { createJiti } from 'jiti'
import { parseDocument } from 'yaml'
import { substituteEnv } from './substitute-env.ts'

export interface LoadedSource {
  readonly source: Source
  /** Secrets that came in from the environment: no output may hold one. */
  readonly secrets: readonly Secret[]
}

/** Levels of a configuration: more than any body of a request has, and fewer than the stack. */
const deepestLevel = 200

/** Aliases a YAML file may expand to: enough for people, too few for a bomb. */
const mostYamlAliases = 50

/**
 * Reads a configuration: `.json`, `.yaml`, `.yml`, or a module (`.ts`, `.mts`, `.js`, `.mjs`) that exports a
 * configuration or a whole source, as its default or as `config` or `source`.
 *
 * The source's name, and so the pipeline's, is the file's name without its ending.
 *
 * @param env Variables that `${NAME}` in a string of a JSON or YAML file stands for.
 * @throws {ConfigError} with all problems at once and their paths in the file.
 */
export async function loadSource(
  path: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<LoadedSource> {
  const ending = extname(path)
  const name = basename(path, ending)
  switch (ending) {
    case '.json':
    case '.yaml':
    case '.yml': {
      const text = await readText(path)
      const parsed = ending === '.json' ? parseJson(path, text) : parseYaml(path, text)
      if (isDeeperThan(parsed, deepestLevel)) throw problem(path, `is nested deeper than ${deepestLevel} levels`)
      const { value, secrets, missing } = substituteEnv(parsed, env)
      if (missing.length > 0) {
        throw new ConfigError(
          missing.map((each) => ({ path: each.path, message: `the environment variable ${each.name} is not set` })),
        )
      }
      return { source: restSource(readFrom(path, value), { name, secrets }), secrets }
    }
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs': {
      const value = exported(path, await importModule(path))
      return { source: isSource(value) ? value : restSource(readFrom(path, value), { name }), secrets: [] }
    }
    default:
      throw problem(path, `a configuration ends in .json, .yaml, .yml, .ts, .mts, .js or .mjs, not in "${ending}"`)
  }
}

function problem(path: string, message: string): ConfigError {
  return new ConfigError([{ path, message }])
}

/** What is wrong with the configuration as a whole has no path in it: then the file is named. */
function readFrom(path: string, value: unknown): RestConfig {
  try {
    return readRestConfig(value)
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown
    throw new ConfigError(thrown.problems.map((each) => (each.path === '' ? { ...each, path } : each)))
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    throw problem(path, code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`)
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    throw problem(path, `is not valid JSON: ${errorMessage(thrown)}`)
  }
}

function parseYaml(path: string, text: string): unknown {
  const document = parseDocument(text, { schema: 'core' })
  // A warning is a tag that means nothing here, such as !secret: its value would not be what it was meant to be.
  const [error] = [...document.errors, ...document.warnings]
  if (error?.code === 'MULTIPLE_DOCS') throw problem(path, 'holds several YAML documents, expected one')
  if (error) throw problem(path, `is not valid YAML: ${error.message.split('\n')[0]?.replace(/:$/, '')}`)
  try {
    return document.toJS({ maxAliasCount: mostYamlAliases })
  } catch (thrown) {
    throw problem(path, `is not valid YAML: ${errorMessage(thrown)}`)
  }
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(each, levels - 1))
}

async function importModule(path: string): Promise<Record<string, unknown>> {
  const file = resolve(path)
  try {
    // Node 20 does not strip types; jiti does, and resolves imports from where the file is.
    return path.endsWith('ts')
      ? await createJiti(pathToFileURL(file).href, { interopDefault: false }).import(file)
      : ((await import(pathToFileURL(file).href)) as Record<string, unknown>)
  } catch (thrown) {
    throw problem(path, `cannot be imported: ${errorMessage(thrown)}`)
  }
}

function exported(path: string, module: Record<string, unknown>): unknown {
  const value = module['default'] ?? module['config'] ?? module['source']
  if (value === undefined) {
    const names = Object.keys(module)
    throw problem(
      path,
      `exports ${names.join(', ') || 'nothing'}; export the configuration as default, config or source`,
    )
  }
  return value
}

function isSource(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && 'streams' in value && typeof value.streams === 'function'
}
