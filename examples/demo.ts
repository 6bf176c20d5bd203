import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cli } from 'millrace'
import { startDemoApi } from './demo/api.ts'

/**
 * `npm start`: a REST API on loopback, a full refresh into ./data, the API changes, an incremental run.
 *
 * Everything goes through the command line that is shown, so that each step can be repeated by hand.
 */
const apiKey = 'demo-key-7b1f'
const updated = 1000
const added = 250

const config = relative('.', fileURLToPath(new URL('../../examples/events.yaml', import.meta.url)))
const api = await startDemoApi({ apiKey })

async function millrace(...args: string[]): Promise<void> {
  console.log(`\n$ millrace ${args.join(' ')}`)
  const code = await cli(args, {
    stdout: process.stdout,
    stderr: process.stderr,
    env: { EVENTS_API_URL: api.url, EVENTS_API_KEY: apiKey },
    stop: AbortSignal.timeout(120_000),
    signal: AbortSignal.timeout(125_000),
  })
  if (code !== 0) throw new Error(`millrace ${args[0]} ended with exit code ${code}`)
}

try {
  console.log(`A demo API with ${api.events.length} events is up on ${api.url}; now and then it answers 429 or 503.`)
  await millrace('run', config, '--to', './data', '--mode', 'full-refresh')

  api.advance({ updated, added })
  console.log(`\nThe API changed: ${updated} events were updated, ${added} are new.`)
  await millrace('run', config, '--to', './data')
  await millrace('show', './data', 'events', '--limit', '5')
} finally {
  await api.close()
}

console.log(`
The table is a Delta Lake table in ./data/events: Parquet files and a transaction log. Look at it with

  ./node_modules/.bin/millrace show ./data events --limit 3 --format jsonl
  ./node_modules/.bin/millrace state ./data
`)
