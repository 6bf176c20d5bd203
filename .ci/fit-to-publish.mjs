import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkPackage, Package } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

/**
 * Holds every package to what publint and "are the types wrong" know of publishing. A suggestion fails as an error does.
 *
 * Both read the files as they are: `files` lists whole folders and data, and packing 13 packages takes half a minute.
 */
const packages = fileURLToPath(new URL('../packages', import.meta.url))

/** How TypeScript finds a package that is for ES modules only. */
const resolutions = ['node16-esm', 'bundler']

async function publishProblems(pkgDir, manifest) {
  const { messages } = await publint({ pkgDir, level: 'suggestion', strict: true, pack: false })
  return messages.map((message) => formatMessage(message, manifest, { color: false }))
}

async function typeProblems(pkgDir, manifest) {
  const files = {}
  for (const folder of ['dist', 'src']) {
    for (const entry of readdirSync(join(pkgDir, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      files[path.replace(pkgDir, `/node_modules/${manifest.name}`).replaceAll('\\', '/')] = readFileSync(path, 'utf8')
    }
  }
  for (const name of manifest.files.filter((each) => each.endsWith('.json'))) {
    files[`/node_modules/${manifest.name}/${name}`] = readFileSync(join(pkgDir, name), 'utf8')
  }
  files[`/node_modules/${manifest.name}/package.json`] = JSON.stringify(manifest)
  const { types, problems = [] } = await checkPackage(new Package(files, manifest.name, manifest.version))
  if (!types) return ['has no types']
  return problems
    .filter(({ resolutionKind, resolutionOption }) => {
      const found = resolutionKind ?? resolutionOption
      return found === undefined || found === 'node16' || resolutions.includes(found)
    })
    .map((problem) => `types: ${JSON.stringify({ ...problem, trace: undefined })}`)
}

for (const name of readdirSync(packages).sort()) {
  const pkgDir = join(packages, name)
  const manifest = JSON.parse(readFileSync(join(pkgDir, 'package.json'), 'utf8'))
  for (const problem of [...(await publishProblems(pkgDir, manifest)), ...(await typeProblems(pkgDir, manifest))]) {
    console.log(`${manifest.name}: ${problem}`)
    process.exitCode = 1
  }
}
