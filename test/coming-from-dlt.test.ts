import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { problemsOf } from './support/config-problems.ts'
import { dltKeys } from './support/dlt-keys.ts'
import { root } from './support/source-tree.ts'

const it = suite('the table "Coming from dlt"')

type Keys = Readonly<Record<string, unknown>>

const client = { base_url: 'https://api.example.com' }
const inResource = (resource: Keys) => ({ client, resources: [{ name: 'a', ...resource }] })
const inEndpoint = (endpoint: Keys) => inResource({ endpoint })
const inAuth = (auth: unknown) => ({ client: { ...client, auth }, resources: ['a'] })
const inPaginator = (paginator: unknown) => inEndpoint({ paginator })
const inStep = (step: Keys) => inResource({ processing_steps: [step] })
const pass = (row: unknown) => row

/** Configurations with the given keys at a place of the tables; where one place has objects of several kinds, each. */
const places: Readonly<Record<string, (keys: Keys) => readonly unknown[]>> = {
  top: (keys) => [{ client, resources: ['a'], ...keys }],
  client: (keys) => [{ client: { ...client, ...keys }, resources: ['a'] }],
  retry: (retry) => [inEndpoint({ retry })],
  rate_limit: (rate_limit) => [{ client: { ...client, rate_limit }, resources: ['a'] }],
  resource: (keys) => [inResource(keys)],
  'rows resource': (keys) => [inResource({ rows: [], ...keys })],
  column: (keys) => [inResource({ columns: { a: keys } })],
  schema_contract: (keys) => [inResource({ schema_contract: keys })],
  write_disposition: (keys) => [inResource({ write_disposition: { disposition: 'append', ...keys } })],
  endpoint: (keys) => [inEndpoint(keys)],
  incremental: (keys) => [inEndpoint({ incremental: { cursor_path: 'a', ...keys } })],
  processing_steps: (keys) => [
    inStep({ filter: pass, ...keys }),
    inStep({ map: pass, ...keys }),
    inStep({ yield_map: pass, ...keys }),
    inStep({ validate: { '~standard': {} }, ...keys }),
  ],
  response_actions: (keys) => [inEndpoint({ response_actions: [{ action: 'fail', ...keys }] })],
  OAuthJWTAuth: (keys) => [inAuth({ type: 'oauth2_jwt_bearer', ...keys })],
}

/** No key and no word is near to it, so that the problem lists what there is. */
const nonsense = 'qqqqqqqqqqqq'

/** What the reader says about a key that means nothing, or about one word: the list of those that do. */
function known(config: unknown): readonly string[] {
  const list = problemsOf(config).map(({ message }) => /^unknown (?:key|type); known: (.*)$/.exec(message)?.[1])
  return list.find((each) => each !== undefined)?.split(', ') ?? []
}

const paginators = known(inPaginator(nonsense)).filter((type) => type !== 'json_response')
const auths = known(inAuth({ type: nonsense }))

function configsAt(place: string, keys: Keys): readonly unknown[] {
  const [, type = '', kind] = /^`(\w+)` (paginator|auth)$/.exec(place) ?? []
  if (kind === 'paginator') return [inPaginator({ type, ...keys })]
  if (kind === 'auth') return [inAuth({ type, ...keys })]
  return places[place]?.(keys) ?? []
}

/** The keys that the configuration knows at a place. `type` says which object it is. */
function keysAt(place: string): readonly string[] {
  const found = configsAt(place, { [nonsense]: 1 }).flatMap(known)
  return [...new Set(found)].filter((key) => key !== 'type')
}

interface TableRow {
  readonly place: string
  readonly keys: readonly string[]
  readonly rest: readonly string[]
}

/** The two tables of the section: dlt's keys, and those that dlt does not have. */
const [fromDlt = [], ours = []] = await readTables()

async function readTables(): Promise<TableRow[][]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const [, section = ''] = readme.split('\n## Coming from dlt\n')
  const tables = (section.split('\n## ')[0] ?? '').split('**What dlt does not have**')
  return tables.map((table) =>
    table
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| where ') && !line.startsWith('| ---'))
      .map((line) => {
        const [place = '', keys = '', ...rest] = line
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim())
        return { place, keys: [...keys.matchAll(/`([^`]+)`/g)].map(([, key]) => `${key}`), rest }
      }),
  )
}

const keysIn = (table: readonly TableRow[], place: string): string[] =>
  table.filter((row) => row.place === place).flatMap(({ keys }) => keys)

it('has every key of dlt once, and no other', () => {
  const places = [...new Set(fromDlt.map(({ place }) => place))]
  assert.equal([...places].sort(), Object.keys(dltKeys).sort())
  for (const place of places) assert.equal(keysIn(fromDlt, place).sort(), [...(dltKeys[place] ?? [])].sort(), place)
})

it('says of each how it is here, and of all that is not the same what differs', () => {
  for (const { place, keys, rest } of fromDlt) {
    const [here = '', what = ''] = rest
    assert.ok(['same', 'better', 'different'].includes(here), `${place} ${keys}: "${here}"`)
    if (here !== 'same') assert.ok(what.length > 10, `${place} ${keys} says what differs`)
  }
})

it('calls different what the configuration refuses, and nothing else', () => {
  let refused = 0
  for (const { place, keys, rest } of fromDlt) {
    if (configsAt(place, {}).length === 0) continue
    const [here, what = ''] = rest
    const there = keysAt(place)
    for (const key of keys) {
      assert.is(there.includes(key), here !== 'different', `${place}.${key} is ${here}`)
      if (here !== 'different') continue
      refused += 1
      const said = problemsOf(configsAt(place, { [key]: 1 })[0]).filter(({ path }) => path.endsWith(`.${key}`))
      assert.is(said.length, 1, `${place}.${key} is refused with its path`)
      assert.is(/^not yet/.test(what), said[0]?.message === 'is not supported yet', `${place}.${key}: ${what}`)
    }
  }
  assert.ok(refused >= 9, `${refused} keys are refused`)
})

it('has every paginator and every kind of auth', () => {
  const typed = (table: readonly TableRow[], kind: string) =>
    table.map(({ place }) => new RegExp(`^\`(\\w+)\` ${kind}$`).exec(place)?.[1]).filter((type) => type !== undefined)
  assert.ok(paginators.length >= 8 && auths.length >= 7, `${paginators}; ${auths}`)
  assert.equal(
    [...new Set([...typed(fromDlt, 'paginator'), ...typed(ours, 'paginator')])].sort(),
    [...paginators].sort(),
  )
  assert.equal([...new Set([...typed(fromDlt, 'auth'), ...typed(ours, 'auth')])].sort(), [...auths].sort())
})

it('lists as not of dlt every other key that the configuration knows, once, and no other', () => {
  const typed = [...paginators.map((type) => `\`${type}\` paginator`), ...auths.map((type) => `\`${type}\` auth`)]
  const everywhere = ['paginator, all']
  assert.equal(keysIn(ours, 'paginator, all'), ['max_pages'])
  const expected = new Map<string, readonly string[]>()
  for (const place of [...Object.keys(places).filter((each) => each !== 'OAuthJWTAuth'), ...typed]) {
    const there = keysAt(place)
    assert.ok(there.length > 0 || place === '`auto` paginator', `${place} has keys`)
    if (place.endsWith('paginator')) assert.ok(there.includes('max_pages'), `${place} has max_pages`)
    const dlts = dltKeys[place === '`oauth2_jwt_bearer` auth' ? 'OAuthJWTAuth' : place] ?? []
    const own = there.filter((key) => !dlts.includes(key) && !(place.endsWith('paginator') && key === 'max_pages'))
    if (own.length > 0) expected.set(place, own)
  }
  assert.equal(
    [...new Set(ours.map(({ place }) => place))].filter((place) => !everywhere.includes(place)).sort(),
    [...expected.keys()].sort(),
  )
  for (const [place, keys] of expected) assert.equal(keysIn(ours, place).sort(), [...keys].sort(), place)
})

it.run()
