import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { productionClosure } from './support/production-closure.ts'
import { readJson, readPackages, root, thirdParty, workspace } from './support/source-tree.ts'

interface TsConfig {
  readonly references: readonly { readonly path: string }[]
}

const packages = await readPackages()
const rootManifest = await readJson<{ engines: { node: string }; license: string }>(root, 'package.json')

const it = suite('manifests')

for (const { folder, manifest } of packages) {
  it(`${folder} has a manifest as all have`, () => {
    const short = folder.replace('packages/', '')
    assert.is(manifest.name, short === 'millrace' ? 'millrace' : `@millrace/${short}`)
    assert.is(manifest.license, rootManifest.license)
    assert.is(manifest.type, 'module')
    assert.is(manifest.engines?.node, rootManifest.engines.node)
    assert.match(manifest.description ?? '', /^[A-Z].{20,}\.$/)
    assert.is(manifest.scripts, undefined, 'scripts belong to the root')

    const entries = Object.entries(manifest.exports ?? {})
    assert.ok(entries.length > 0, 'has exports')
    for (const [path, conditions] of entries) {
      // Data has no types.
      if (path.endsWith('.json')) continue
      assert.is(Object.keys(conditions as object)[0], 'types', `exports["${path}"] begins with types`)
    }
    // The files of `src` are what the source maps and declaration maps point to.
    for (const name of ['dist', 'src']) assert.ok(manifest.files?.includes(name), `files has ${name}`)
    for (const name of manifest.files ?? [])
      assert.ok(/^(dist|src|bin|.+\.schema\.json)$/.test(name), `files has ${name}`)
    assert.ok(existsSync(join(root, folder, 'README.md')), 'has a README.md')
  })

  it(`${folder} builds after what it depends on`, async () => {
    const { references } = await readJson<TsConfig>(root, folder, 'tsconfig.json')
    assert.equal(
      references.map(({ path }) => path).sort(),
      workspace(manifest)
        .map((name) => `../${name.replace('@millrace/', '')}`)
        .sort(),
    )
  })
}

it('are all built, tested and linked from the root', async () => {
  const folders = packages.map(({ folder }) => folder).sort()
  const paths = async (file: string): Promise<string[]> =>
    (await readJson<TsConfig>(root, file)).references.map(({ path }) => path).sort()
  assert.equal(await paths('tsconfig.json'), ['./tsconfig.test.json', ...folders])
  assert.equal(await paths('tsconfig.test.json'), folders)
  const { devDependencies } = await readJson<{ devDependencies: Record<string, string> }>(root, 'package.json')
  for (const { manifest } of packages) assert.is(devDependencies[manifest.name], 'workspace:*', manifest.name)
})

it('agree on the version of every dependency', () => {
  const versions = new Map<string, Set<string>>()
  for (const { manifest } of packages) {
    for (const [name, version] of Object.entries(manifest.dependencies ?? {})) {
      versions.set(name, (versions.get(name) ?? new Set()).add(version))
    }
  }
  const several = [...versions].filter(([, found]) => found.size > 1).map(([name, found]) => [name, ...found])
  assert.equal(several, [])
})

it('bring no dependency that runs a script when it is installed', async () => {
  const installed = await productionClosure(packages.map(({ folder }) => join(root, folder)))
  assert.ok(installed.length > 20, `found ${installed.length} packages`)
  const running = installed.filter(
    ({ folder, manifest: { scripts = {} } }) =>
      'preinstall' in scripts ||
      'install' in scripts ||
      'postinstall' in scripts ||
      // npm builds these without being told to.
      existsSync(join(folder, 'binding.gyp')),
  )
  assert.equal(
    running.map(({ name }) => name),
    [],
  )
})

it('bring what the table in ARCHITECTURE.md says, and nothing else', async () => {
  const text = await readFile(join(root, 'ARCHITECTURE.md'), 'utf8')
  const section = /^## Dependencies$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(text)?.[1]
  assert.ok(section, 'ARCHITECTURE.md has a section "## Dependencies"')
  const listed = [...section.matchAll(/^\| *`([^`]+)` *\|/gm)].map(([, name]) => name)
  assert.equal(listed.sort(), [...new Set(packages.flatMap(({ manifest }) => thirdParty(manifest)))].sort())
})

it.run()
