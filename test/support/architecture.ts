import { posix } from 'node:path'
import { type Import, type ModuleShape, readImports } from './read-imports.ts'
import { type SourceFile, type SourcePackage, thirdParty, workspace } from './source-tree.ts'

/** A package imports only from floors below its own. */
const floors: readonly (readonly string[])[] = [
  ['@millrace/core'],
  ['@millrace/retry', '@millrace/ratelimit', '@millrace/paginate', '@millrace/arrow'],
  ['@millrace/http', '@millrace/parquet', '@millrace/pipeline'],
  ['@millrace/auth', '@millrace/merge'],
  ['@millrace/rest', '@millrace/lake', '@millrace/duckdb', '@millrace/postgres'],
  ['millrace'],
]

/** What each package may bring from outside. Anything else is a decision, made here and in ARCHITECTURE.md. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  '@millrace/core': ['ix'],
  '@millrace/ratelimit': ['bottleneck'],
  '@millrace/arrow': ['apache-arrow'],
  '@millrace/http': ['undici', 'lossless-json', 'csv-parse'],
  '@millrace/parquet': ['apache-arrow', 'parquet-wasm', 'parquetjs-lite'],
  '@millrace/pipeline': ['apache-arrow'],
  '@millrace/merge': ['@duckdb/node-api', 'apache-arrow'],
  '@millrace/rest': ['json-p3', 'zod'],
  '@millrace/lake': ['@duckdb/node-api', 'apache-arrow'],
  '@millrace/duckdb': ['@duckdb/node-api', 'apache-arrow'],
  '@millrace/postgres': ['apache-arrow', 'pg', 'pg-copy-streams'],
  millrace: ['jiti', 'yaml', 'zod'],
}

/** Two wings that share only core: who pages an API installs no Arrow, and who writes Parquet no HTTP client. */
const wings: readonly { readonly packages: readonly string[]; readonly without: string }[] = [
  {
    packages: ['@millrace/retry', '@millrace/ratelimit', '@millrace/paginate', '@millrace/http', '@millrace/auth'],
    without: 'apache-arrow',
  },
  { packages: ['@millrace/arrow', '@millrace/parquet', '@millrace/merge', '@millrace/lake'], without: 'undici' },
]

/** Names that say nothing, for files, folders and packages. */
const banned = /^(utils?|helpers?|common|shared|types|misc)$/

const floorOf = (name: string): number => floors.findIndex((floor) => floor.includes(name))

interface Module {
  readonly owner: SourcePackage
  readonly file: SourceFile
  readonly shape: ModuleShape
}

function modulesOf(packages: readonly SourcePackage[]): Module[] {
  return packages.flatMap((owner) =>
    owner.files
      .filter(({ path }) => path.endsWith('.ts'))
      .map((file) => ({ owner, file, shape: readImports(file.text) })),
  )
}

/** `@scope/name/deep/path` → `@scope/name`. */
function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

const at = ({ file }: Module, { line }: Pick<Import, 'line'>): string => `${file.path}:${line}`

/** Imports that do not go down, go past a manifest, or leave their package; and packages on no floor. */
export function importProblems(packages: readonly SourcePackage[]): string[] {
  const problems: string[] = []
  for (const { manifest, folder } of packages) {
    if (floorOf(manifest.name) === -1) problems.push(`${folder}: ${manifest.name} is on no floor`)
    for (const name of thirdParty(manifest)) {
      if (!(allowed[manifest.name] ?? []).includes(name)) {
        problems.push(`${folder}: ${manifest.name} is not to depend on ${name}`)
      }
    }
  }
  for (const module of modulesOf(packages)) {
    const { owner, file, shape } = module
    const { manifest } = owner
    for (const each of shape.imports) {
      const { specifier } = each
      if (specifier.startsWith('node:')) continue
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(file.path), specifier)
        if (!target.startsWith(`${owner.folder}/src/`)) {
          problems.push(`${at(module, each)} imports '${specifier}', outside its own src`)
        }
        continue
      }
      const name = packageName(specifier)
      if (!(name in (manifest.dependencies ?? {}))) {
        problems.push(`${at(module, each)} imports '${specifier}', which ${manifest.name} does not declare`)
      }
      const isOurs = floorOf(name) !== -1 || packages.some((other) => other.manifest.name === name)
      if (isOurs && floorOf(name) >= floorOf(manifest.name)) {
        problems.push(
          `${at(module, each)} (floor ${floorOf(manifest.name)}) imports '${specifier}' (floor ${floorOf(name)}): only floors below`,
        )
      }
    }
  }
  return problems
}

/** Packages that bring, directly or through others, what their wing is to do without. */
export function wingProblems(packages: readonly SourcePackage[]): string[] {
  const byName = new Map(packages.map((each) => [each.manifest.name, each.manifest]))

  function brings(name: string, wanted: string): string[] | undefined {
    const manifest = byName.get(name)
    if (manifest === undefined) return undefined
    if (thirdParty(manifest).includes(wanted)) return [name, wanted]
    for (const below of workspace(manifest)) {
      const way = brings(below, wanted)
      if (way) return [name, ...way]
    }
    return undefined
  }

  return wings.flatMap(({ packages: names, without }) =>
    names.flatMap((name) => {
      const way = brings(name, without)
      return way ? [`${name} is to do without ${without}: ${way.join(' → ')}`] : []
    }),
  )
}

/** Cycles of imports that exist at run time, over all packages: a package stands for its `src/index.ts`. */
export function importCycles(packages: readonly SourcePackage[]): string[] {
  const folders = new Map(packages.map(({ manifest, folder }) => [manifest.name, folder]))
  const edges = new Map<string, string[]>()
  for (const { file, shape } of modulesOf(packages)) {
    const targets = shape.imports
      .filter(({ isType }) => !isType)
      .map(({ specifier }) =>
        specifier.startsWith('.')
          ? posix.join(posix.dirname(file.path), specifier)
          : `${folders.get(packageName(specifier))}/src/index.ts`,
      )
    edges.set(file.path, targets)
  }

  const cycles: string[] = []
  const done = new Set<string>()
  function visit(path: string, way: readonly string[]): void {
    if (way.includes(path)) {
      cycles.push([...way.slice(way.indexOf(path)), path].join(' → '))
      return
    }
    if (done.has(path)) return
    for (const target of edges.get(path) ?? []) visit(target, [...way, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return cycles
}

/** `export *` and default exports. A `.d.ts` says how somebody else exports. */
export function exportProblems(packages: readonly SourcePackage[]): string[] {
  const ours = modulesOf(packages).filter(({ file }) => !file.path.endsWith('.d.ts'))
  return ours.flatMap(({ file, shape }) => [
    ...shape.starExports.map((line) => `${file.path}:${line} has export *`),
    ...shape.defaultExports.map((line) => `${file.path}:${line} has a default export`),
  ])
}

/** Paths with a file or folder whose name says nothing. */
export function nameProblems(paths: readonly string[]): string[] {
  return paths.filter((path) => path.split('/').some((part) => banned.test(part.split('.')[0] ?? '')))
}
