import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { exportProblems, importCycles, importProblems, nameProblems, wingProblems } from './support/architecture.ts'
import { readImports } from './support/read-imports.ts'
import { filesBelow, readPackages, type SourcePackage } from './support/source-tree.ts'

const packages = await readPackages()
const it = suite('architecture')

it('imports only from floors below, and only what the manifest declares', () => {
  assert.equal(importProblems(packages), [])
})

it('keeps Arrow out of the HTTP wing and undici out of the Parquet wing', () => {
  assert.equal(wingProblems(packages), [])
})

it('has no import cycle', () => {
  assert.equal(importCycles(packages), [])
})

it('exports by name only', () => {
  assert.equal(exportProblems(packages), [])
})

it('names every file, folder and package after its idea', async () => {
  const folders = ['src', 'test', 'examples', 'bin', 'benchmarks']
  const paths = [
    ...packages.map(({ folder }) => folder),
    ...(await Promise.all(packages.flatMap(({ folder }) => folders.map((each) => filesBelow(`${folder}/${each}`))))),
    ...(await Promise.all(['test', 'examples', 'benchmarks', '.ci'].map(filesBelow))),
  ].flat()
  assert.equal(nameProblems(paths), [])
})

it.run()

/** A tree that exists only here. */
function planted(
  files: Readonly<Record<string, string>>,
  dependencies: Readonly<Record<string, string>> = {},
): SourcePackage[] {
  const folders = [...new Set(Object.keys(files).map((path) => path.split('/src/')[0] as string))]
  return folders.map((folder) => {
    const short = folder.replace('packages/', '')
    return {
      folder,
      manifest: { name: short === 'millrace' ? short : `@millrace/${short}`, dependencies },
      files: Object.entries(files)
        .filter(([path]) => path.startsWith(`${folder}/`))
        .map(([path, text]) => ({ path, text })),
    }
  })
}

const checkerIt = suite('architecture, planted')

checkerIt('finds an import from a higher floor and from the same one, naming file and import', () => {
  const tree = planted(
    {
      'packages/retry/src/a.ts': "import { page } from '@millrace/paginate'\nimport { run } from '@millrace/pipeline'",
      'packages/http/src/b.ts': "import type { Retry } from '@millrace/retry'",
    },
    { '@millrace/paginate': 'workspace:*', '@millrace/pipeline': 'workspace:*', '@millrace/retry': 'workspace:*' },
  )
  assert.equal(importProblems(tree), [
    "packages/retry/src/a.ts:1 (floor 1) imports '@millrace/paginate' (floor 1): only floors below",
    "packages/retry/src/a.ts:2 (floor 1) imports '@millrace/pipeline' (floor 2): only floors below",
  ])
})

checkerIt('finds an import of a type that goes up', () => {
  const tree = planted(
    { 'packages/core/src/a.ts': "import type { Run } from '@millrace/pipeline'" },
    { '@millrace/pipeline': 'workspace:*' },
  )
  assert.is(importProblems(tree).length, 1)
})

checkerIt('finds what the manifest does not declare, what it may not declare, and what leaves the package', () => {
  const tree = planted(
    { 'packages/retry/src/a.ts': "import 'undici/deep'\nimport { x } from '../../core/src/x.ts'\nimport 'node:fs'" },
    { lodash: '^4.0.0' },
  )
  assert.equal(importProblems(tree), [
    'packages/retry: @millrace/retry is not to depend on lodash',
    "packages/retry/src/a.ts:1 imports 'undici/deep', which @millrace/retry does not declare",
    "packages/retry/src/a.ts:2 imports '../../core/src/x.ts', outside its own src",
  ])
})

checkerIt('finds a package on no floor', () => {
  assert.equal(importProblems(planted({ 'packages/attic/src/a.ts': '' })), [
    'packages/attic: @millrace/attic is on no floor',
  ])
})

checkerIt('finds what a wing brings through a package below', () => {
  const tree = planted({ 'packages/auth/src/a.ts': '', 'packages/http/src/a.ts': '' })
  const [auth, http] = tree
  assert.ok(auth && http)
  const withArrow = [
    { ...auth, manifest: { ...auth.manifest, dependencies: { '@millrace/http': 'workspace:*' } } },
    { ...http, manifest: { ...http.manifest, dependencies: { 'apache-arrow': '^21.0.0' } } },
  ]
  assert.equal(wingProblems(withArrow), [
    '@millrace/http is to do without apache-arrow: @millrace/http → apache-arrow',
    '@millrace/auth is to do without apache-arrow: @millrace/auth → @millrace/http → apache-arrow',
  ])
})

checkerIt('finds cycles in a package and across packages, and lets types go round', () => {
  assert.equal(
    importCycles(
      planted({
        'packages/core/src/a.ts': "import { b } from './b.ts'",
        'packages/core/src/b.ts': "import { c } from './deep/c.ts'",
        'packages/core/src/deep/c.ts': "export { a } from '../a.ts'",
      }),
    ),
    ['packages/core/src/a.ts → packages/core/src/b.ts → packages/core/src/deep/c.ts → packages/core/src/a.ts'],
  )
  assert.is(
    importCycles(
      planted({
        'packages/core/src/index.ts': "import '@millrace/retry'",
        'packages/retry/src/index.ts': "export { r } from './r.ts'",
        'packages/retry/src/r.ts': "const core = await import('@millrace/core')",
      }),
    ).length,
    1,
  )
  assert.equal(
    importCycles(
      planted({
        'packages/core/src/a.ts': "import type { B } from './b.ts'",
        'packages/core/src/b.ts': "import { a } from './a.ts'",
      }),
    ),
    [],
  )
})

checkerIt('finds export *, default exports and names that say nothing', () => {
  const tree = planted({
    'packages/core/src/a.ts':
      "export * from './b.ts'\nexport * as c from './c.ts'\nexport default 1\nexport { x as default }",
  })
  assert.equal(exportProblems(tree), [
    'packages/core/src/a.ts:1 has export *',
    'packages/core/src/a.ts:2 has export *',
    'packages/core/src/a.ts:3 has a default export',
    'packages/core/src/a.ts:4 has a default export',
  ])
  assert.equal(
    nameProblems([
      'packages/core/src/utils.ts',
      'test/helpers/a.ts',
      'packages/types',
      'test/shared.test.ts',
      'test/typed.ts',
    ]),
    ['packages/core/src/utils.ts', 'test/helpers/a.ts', 'packages/types', 'test/shared.test.ts'],
  )
})

checkerIt.run()

const readerIt = suite('readImports')

readerIt('reads every form of import', () => {
  const text = [
    "import a from 'a'",
    "import type { B } from 'b'",
    "import { type C, c } from 'c'",
    "import * as d from 'd'",
    "import 'e'",
    "export { f } from 'f'",
    "export type { G } from 'g'",
    "export * from 'h'",
    "const i = await import('i')",
    "const j = require('j')",
    "import type from 'k'",
    'import {',
    '  l,',
    "} from 'l'",
    'import m, { n } from "m" with { type: \'json\' }',
  ].join('\n')
  assert.equal(
    readImports(text).imports.map(({ specifier, isType, line }) => `${line} ${specifier}${isType ? ' (type)' : ''}`),
    ['1 a', '2 b (type)', '3 c', '4 d', '5 e', '6 f', '7 g (type)', '8 h', '9 i', '10 j', '11 k', '12 l', '15 m'],
  )
})

readerIt('is not misled by comments, strings, templates and regular expressions', () => {
  const text = [
    "// import a from 'a'",
    "/* import b from 'b' */",
    'const c = "import c from \'c\'"',
    "const d = `import d from 'd' ${`${1} import e from 'e'`} import f from 'f'`",
    "const g = /'[/']import g from '/.test(x) ? a / b / c : 1",
    "const url = import.meta.url; things.import('h'); things.require('i')",
    "export const from = 'j'",
    'export { k }',
    "const l = `${{ m: '}' }['m']}`",
    "import { n } from 'n'",
  ].join('\n')
  assert.equal(
    readImports(text).imports.map(({ specifier, line }) => `${line} ${specifier}`),
    ['10 n'],
  )
})

readerIt('finds as many imports in this project as there are lines that begin with one', () => {
  for (const { files } of packages) {
    for (const { path, text } of files) {
      const expected = text.match(/^(import|export) .*?from '|^import '|^\} from '|\bimport\('/gm)?.length ?? 0
      assert.is(readImports(text).imports.length, expected, path)
    }
  }
})

readerIt.run()
