import { spawn } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { prepare } from './prepare.mjs'

/** What looks at the files and does not run them. Types are checked by the build. */
const checks = [
  {
    name: 'biome',
    what: 'lint and format',
    args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'],
  },
  {
    name: 'knip',
    what: 'nothing unused',
    args: ['node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'],
    // Its parser has no build for the oldest Node that Millrace itself runs on.
    leastMinor: 19,
  },
  { name: 'publint, attw', what: 'fit to publish', args: ['.ci/fit-to-publish.mjs'] },
]

/** One after the other, so that their output stays together. @returns How many passed and failed. */
export async function check() {
  const counts = { passed: 0, failed: 0 }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  for (const { name, what, args, leastMinor = 0 } of checks) {
    if (major === 20 && minor < leastMinor) {
      console.log(`left ${name} (${what}): needs Node 20.${leastMinor}, this is ${process.version}`)
      continue
    }
    const { code, output } = await run(args)
    counts[code === 0 ? 'passed' : 'failed'] += 1
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${what})`)
    if (code !== 0) console.log(`${output}\n     run again with: node ${args.join(' ')}`)
  }
  return counts
}

function run(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text) => {
        output += text
      })
    }
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    prepare()
    const { failed } = await check()
    process.exitCode = failed === 0 ? 0 : 1
  } catch (thrown) {
    console.error(thrown.message)
    process.exitCode = 1
  }
}
