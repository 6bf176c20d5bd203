import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { prepare } from './prepare.mjs'

/** `npm run bench [part of a path …]`: every benchmark in a process of its own, one after the other. */
prepare()
const folder = fileURLToPath(new URL('../.build/benchmarks/', import.meta.url))
const wanted = process.argv.slice(2)
const files = readdirSync(folder, { recursive: true })
  .filter((name) => name.endsWith('.bench.js'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort()
for (const file of files) {
  const { status } = spawnSync(process.execPath, [folder + file], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
