import { readFileSync } from 'node:fs'
import { inspect, parseArgs } from 'node:util'
import { errorMessage, isMillraceError, nearest, type Redact } from '@millrace/core'
import { ConfigError } from '@millrace/rest'
import type { Command, OptionSpec, OptionValues, Surroundings } from './command.ts'
import { checkCommand } from './commands/check.ts'
import { optimizeCommand } from './commands/optimize.ts'
import { previewCommand } from './commands/preview.ts'
import { runCommand } from './commands/run.ts'
import { showCommand } from './commands/show.ts'
import { stateCommand } from './commands/state.ts'
import { vacuumCommand } from './commands/vacuum.ts'
import { verifyCommand } from './commands/verify.ts'
import { exitCodeOf, exitCodes } from './exit-code.ts'
import { UsageError } from './usage-error.ts'

const commands: readonly Command[] = [
  runCommand,
  checkCommand,
  previewCommand,
  showCommand,
  stateCommand,
  verifyCommand,
  optimizeCommand,
  vacuumCommand,
]

/** Options every command takes. */
const everywhere = { help: { type: 'boolean' }, debug: { type: 'boolean' } } as const

const overview = `millrace: stream REST APIs into Parquet and lake tables

Usage: millrace <command> [options]

${commands.map(({ name, summary }) => `  ${name.padEnd(9)} ${summary}`).join('\n')}

Options of every command:
  --help     what the command takes
  --debug    on failure, print the stack and all causes
  --version  the version of millrace

Exit codes: 0 done, 1 failed, 2 bad configuration or usage, 3 stopped but resumable, 130 interrupted (checkpoint kept)
`

/**
 * The command line as a function: arguments in, exit code out.
 *
 * @param args Without the program's own name.
 */
export async function cli(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr } = surroundings
  let redact: Redact = (text) => text
  let debug = false
  let json = false
  try {
    const [name, ...rest] = args
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      stdout.write(overview)
      return name === undefined ? exitCodes.misused : exitCodes.done
    }
    if (name === '--version') {
      const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
      stdout.write(`${(JSON.parse(manifest) as { version: string }).version}\n`)
      return exitCodes.done
    }
    const command = commands.find((each) => each.name === name)
    if (!command)
      throw unknown(
        'command',
        name,
        commands.map((each) => each.name),
        'millrace --help',
      )
    debug = rest.includes('--debug')
    const { positionals, options } = parse(command, rest)
    if (options['help']) {
      stdout.write(`millrace ${name}: ${command.summary}\n\nUsage: ${command.help}`)
      return exitCodes.done
    }
    json = options['json'] === true
    const [least, most] = command.positionals
    if (positionals.length < least || positionals.length > most) {
      throw new UsageError(
        `${name} takes ${least === most ? least : `${least} to ${most}`} argument${
          most === 1 ? '' : 's'
        }, got ${positionals.length}; usage: ${command.help.split('\n')[0]}`,
      )
    }
    const code = await command.run({
      ...surroundings,
      positionals,
      options,
      hide: (more) => {
        redact = more
      },
    })
    return code ?? exitCodes.done
  } catch (thrown) {
    const code = exitCodeOf(thrown)
    stderr.write(`${redact(`millrace: ${errorMessage(thrown)}`)}\n`)
    if (debug) stderr.write(`${redact(inspect(thrown, { depth: 6 }))}\n`)
    if (json) stdout.write(`${redact(JSON.stringify({ ok: false, error: errorJson(thrown) }))}\n`)
    return code
  }
}

function parse(command: Command, args: readonly string[]): { positionals: string[]; options: OptionValues } {
  const options: Readonly<Record<string, OptionSpec>> = { ...command.options, ...everywhere }
  // Lenient first, so that our message names the option and its nearest known neighbour.
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const spec = options[token.name]
    if (!spec) {
      throw unknown(
        'option',
        token.rawName,
        Object.keys(options).map((each) => `--${each}`),
        `millrace ${command.name} --help`,
      )
    }
    if (spec.type === 'string' && !token.value) throw new UsageError(`${token.rawName} needs a value`)
    if (spec.type === 'boolean' && token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`)
  }
  return { positionals, options: values as OptionValues }
}

function unknown(what: string, given: string, known: readonly string[], help: string): UsageError {
  const close = nearest(given, known)
  return new UsageError(`unknown ${what} "${given}"; ${close ? `did you mean "${close}"? See` : 'see'} ${help}`)
}

function errorJson(thrown: unknown): unknown {
  if (!isMillraceError(thrown)) return { message: errorMessage(thrown) }
  const { code, message, context, retryable } = thrown
  return { code, message, retryable, context, ...(thrown instanceof ConfigError ? { problems: thrown.problems } : {}) }
}
