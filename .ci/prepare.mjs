import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * Makes a fresh clone ready to run, with nothing but Node and npm: installs what the lockfile says and builds it.
 *
 * Plain JavaScript without dependencies, because it runs before there are any. A second run installs nothing again.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const stampFile = join(root, 'node_modules/.millrace-installed')

function readManifest(folder) {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
}

/** The Node that the manifest asks for, as `[major, minor, patch]`. */
function checkNode(manifest) {
  const wanted = manifest.engines.node.replace('>=', '').split('.').map(Number)
  const found = process.versions.node.split('.').map(Number)
  const first = wanted.findIndex((part, at) => part !== found[at])
  if (first !== -1 && found[first] < wanted[first]) {
    throw new Error(
      `Millrace needs Node ${wanted.join('.')} or newer; this is ${process.version}. See https://nodejs.org`,
    )
  }
}

/** Changes whenever an install would do something: the lockfile, the manifests' dependencies, the place. */
function installStamp() {
  const hash = createHash('sha256').update(root)
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, file)))
  for (const folder of ['.', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)]) {
    const { packageManager, dependencies, devDependencies, bin } = readManifest(folder)
    hash.update(JSON.stringify([folder, packageManager, dependencies, devDependencies, bin]))
  }
  return hash.digest('hex')
}

/** Runs a command without a terminal; its output is shown only when it fails. */
function run(what, command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    // On Windows npx is a script, which only a shell can start.
    shell: process.platform === 'win32' && command === 'npx',
    // Without it pnpm asks before it replaces a node_modules of another kind, and nobody is there to answer.
    env: { ...process.env, CI: 'true' },
  })
  if (status === 0) return
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}\n`)
  throw new Error(
    `${what} failed: ${command} ${args.join(' ')} ${error ? error.message : `ended with exit code ${status}`}`,
  )
}

function install(manifest) {
  const stamp = installStamp()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return false
  console.log('Installing dependencies, once …')
  // The pinned pnpm is the one that runs here, so it need not look for itself in the registry and the lockfile again.
  run('The install', 'npx', ['--yes', manifest.packageManager, 'install', '--frozen-lockfile', '--pm-on-fail=ignore'])
  writeFileSync(stampFile, stamp)
  return true
}

export function prepare() {
  const startedAt = Date.now()
  const manifest = readManifest('.')
  checkNode(manifest)
  const isNew = install(manifest)
  run('The build', process.execPath, ['node_modules/typescript/bin/tsc', '-b'])
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  console.log(`Ready: dependencies ${isNew ? 'installed' : 'as they were'}, build up to date (${seconds} s)`)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    prepare()
  } catch (thrown) {
    console.error(thrown.message)
    process.exitCode = 1
  }
}
