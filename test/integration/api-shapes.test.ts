import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Fault, type RecordedRequest, type Reply, startHttpServer } from '../support/http-server.ts'
import { readDelta } from '../support/read-delta.ts'
import { type RunningCommand, startMillrace } from '../support/run-millrace.ts'
import { withTempFolder } from '../support/temp-folder.ts'

const it = suite('shapes of APIs, each killed in the middle')

interface Row {
  readonly [name: string]: unknown
}

/** An API with a shape of its own, and what it holds. */
interface Shape {
  /** The configuration file's name, and its text for a server at `url`. */
  readonly file: string
  readonly config: (url: string) => string
  /** @param times - How often this very request has come, this time included. */
  readonly answer: (request: RecordedRequest, times: number) => Reply | Fault
  /** Requests that it takes to read everything, failures of the server's own included. */
  readonly requests: number
  /** The request that the run is killed at, from 1. */
  readonly killAt: number
  /** How many of them may be made once more because of the kill. */
  readonly again: number
  /** Rows by table, in the order of `key`. */
  readonly tables: Readonly<Record<string, readonly Row[]>>
  readonly key?: string
}

const people: readonly { readonly id: number; readonly name: string }[] = Array.from({ length: 110 }, (_, index) => ({
  id: index + 1,
  name: `person ${index + 1}`,
}))

const byId = { primary_key: 'id', write_disposition: 'merge' }
const retry = { max_retries: 3, backoff_factor: 1 }

/** The next 25 from an offset, and whether more follow. */
function pageFrom(offset: number): { rows: typeof people; next: number; hasMore: boolean } {
  const next = offset + 25
  return { rows: people.slice(offset, next), next, hasMore: next < people.length }
}

/** Slack: errors in answers of status 200, and an empty cursor at the end. */
const slack: Shape = {
  file: 'slack.yaml',
  config: (url) => `
client: { base_url: "${url}/api", auth: { token: "\${TOKEN}" }, retry: { max_retries: 3, backoff_factor: 1 } }
resources:
  - name: members
    primary_key: id
    write_disposition: merge
    endpoint:
      path: users.list
      data_selector: members
      paginator: { type: cursor, cursor_path: response_metadata.next_cursor, cursor_param: cursor }
      response_actions:
        - { json_path: "$[?@ == 'ratelimited']", action: retry }
        - { json_path: error, action: fail }
`,
  answer({ query, headers }, times) {
    if (headers['authorization'] !== 'Bearer xoxb-of-the-test') return { json: { ok: false, error: 'not_authed' } }
    const cursor = query.get('cursor') ?? ''
    if (cursor === 'after:25' && times === 1) return { json: { ok: false, error: 'ratelimited' } }
    const { rows, next, hasMore } = pageFrom(cursor === '' ? 0 : Number(cursor.slice('after:'.length)))
    return { json: { ok: true, members: rows, response_metadata: { next_cursor: hasMore ? `after:${next}` : '' } } }
  },
  requests: 6,
  killAt: 4,
  again: 1,
  tables: { members: people },
}

/** Elasticsearch: the place of the last hit, a list of two values, goes into the body of the next request. */
const elasticsearch: Shape = {
  file: 'elasticsearch.json',
  config: (url) =>
    JSON.stringify({
      client: { base_url: url, retry },
      resources: [
        {
          name: 'hits',
          primary_key: '_id',
          write_disposition: 'merge',
          endpoint: {
            path: 'people/_search',
            method: 'POST',
            json: { size: 25, sort: [{ born: 'asc' }, { _id: 'asc' }] },
            data_selector: 'hits.hits',
            paginator: { type: 'cursor', cursor_path: 'hits.hits[-1].sort', cursor_body_path: 'search_after' },
          },
        },
      ],
    }),
  answer({ body }, times) {
    const { search_after: after, size } = JSON.parse(body) as { search_after?: [number, string]; size: number }
    assert.is(size, 25)
    const { rows } = pageFrom(after ? Number(after[1]) : 0)
    const hits = rows.map(({ id, name }) => ({ _id: `${id}`, _source: { name }, sort: [1e12 + id, `${id}`] }))
    const json = { took: 1, hits: { total: { value: people.length, relation: 'eq' }, hits } }
    return after?.[1] === '50' && times === 1 ? { fault: 'reset-during-body', json } : { json }
  },
  // One page without hits is the end, and one is asked for twice.
  requests: 7,
  killAt: 5,
  again: 1,
  key: 'length(_id), _id',
  tables: {
    // A list of a number and a text is no list to Parquet: it is kept as JSON.
    hits: people.map(({ id, name }) => ({ _id: `${id}`, _source: { name }, sort: `[${1e12 + id},"${id}"]` })),
  },
}

/** SCIM: counts from 1, gives fewer than it was asked for, and leaves the list out where it is empty. */
const scim: Shape = {
  file: 'scim.json',
  config: (url) =>
    JSON.stringify({
      client: { base_url: `${url}/scim/v2`, retry },
      resource_defaults: byId,
      resources: [
        {
          name: 'users',
          endpoint: {
            path: 'Users',
            data_selector: 'Resources',
            paginator: {
              type: 'offset',
              offset: 1,
              limit: 50,
              offset_param: 'startIndex',
              limit_param: 'count',
              total_path: 'totalResults',
            },
          },
        },
      ],
    }),
  answer({ query }) {
    const startIndex = Number(query.get('startIndex'))
    const { rows } = pageFrom(startIndex - 1)
    return {
      headers: { 'content-type': 'application/scim+json' },
      body: JSON.stringify({ totalResults: people.length, startIndex, ...(rows.length > 0 && { Resources: rows }) }),
    }
  },
  // Nobody can tell whether a total counts from 0 as well, so one more request finds nothing.
  requests: 6,
  killAt: 3,
  again: 1,
  tables: { users: people },
}

/** GraphQL: braces in the body, a cursor in the variables, and errors in answers of status 200. */
const graphql: Shape = {
  file: 'graphql.yaml',
  config: (url) => `
client: { base_url: "${url}", retry: { max_retries: 3, backoff_factor: 1 } }
resources:
  - name: people
    primary_key: id
    write_disposition: { disposition: merge }
    endpoint:
      path: graphql
      method: POST
      json:
        query: "query($after: String) { people(first: 25, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } } }"
        variables: { after: null, team: red }
      data_selector: data.people.nodes
      paginator:
        type: cursor
        cursor_path: data.people.pageInfo.endCursor
        cursor_body_path: variables.after
        has_more_path: data.people.pageInfo.hasNextPage
      response_actions: [{ json_path: errors, action: retry }]
`,
  answer({ body }, times) {
    const { query, variables } = JSON.parse(body) as {
      query: string
      variables: { after: string | null; team: string }
    }
    assert.match(query, '{ nodes { id name } pageInfo { hasNextPage endCursor } } }')
    assert.is(variables.team, 'red')
    const { rows, next, hasMore } = pageFrom(Number(variables.after ?? 0))
    if (variables.after === '75' && times === 1) return { json: { data: null, errors: [{ message: 'timeout' }] } }
    return { json: { data: { people: { nodes: rows, pageInfo: { hasNextPage: hasMore, endCursor: `${next}` } } } } }
  },
  requests: 6,
  killAt: 3,
  again: 1,
  tables: { people },
}

/** Salesforce: a token that has to be fetched, and expires in the middle; links that are relative to the host. */
const salesforce: Shape = {
  file: 'salesforce.json',
  config: (url) =>
    JSON.stringify({
      client: {
        base_url: `${url}/services/data/v60.0`,
        retry,
        auth: {
          type: 'oauth2_client_credentials',
          access_token_url: `${url}/token`,
          client_id: 'client-of-the-test',
          client_secret: '${TOKEN}',
        },
      },
      resource_defaults: { primary_key: 'Id', write_disposition: 'merge' },
      resources: [
        {
          name: 'contacts',
          endpoint: {
            path: 'query',
            params: { q: 'SELECT Id, Name FROM Contact' },
            data_selector: 'records',
            paginator: { type: 'json_link', next_url_path: 'nextRecordsUrl' },
          },
        },
      ],
    }),
  answer({ path, query, headers }, times) {
    if (path === '/token') return { json: { access_token: `token-${times}-of-the-test` } }
    assert.match(String(headers['authorization']), /^Bearer token-\d-of-the-test$/)
    const [, locator] = /^\/services\/data\/v60\.0\/query\/01g-(\d+)$/.exec(path) ?? []
    if (locator === undefined) assert.is(query.get('q'), 'SELECT Id, Name FROM Contact')
    if (locator === '75' && times === 1) return { status: 401, json: [{ errorCode: 'INVALID_SESSION_ID' }] }
    const { rows, next, hasMore } = pageFrom(Number(locator ?? 0))
    const records = rows.map(({ id, name }) => ({ Id: `003${id}`, Name: name, attributes: { type: 'Contact' } }))
    const more = hasMore ? { nextRecordsUrl: `/services/data/v60.0/query/01g-${next}` } : {}
    return { json: { totalSize: people.length, done: !hasMore, ...more, records } }
  },
  // A token, five pages, one of them refused, and a second token.
  requests: 8,
  killAt: 4,
  again: 2,
  key: 'length(Id), Id',
  tables: {
    contacts: people.map(({ id, name }) => ({ Id: `003${id}`, Name: name, attributes: { type: 'Contact' } })),
  },
}

/** An export in NDJSON with its cursor in a header, through steps of a TypeScript module. */
const ndjson: Shape = {
  file: 'export.ts',
  config: (url) => `
    export default {
      client: { baseUrl: ${JSON.stringify(url)}, retry: { maxRetries: 3, backoffFactor: 1 } },
      resources: [
        {
          name: 'export',
          primaryKey: 'id',
          writeDisposition: 'merge',
          endpoint: { paginator: { type: 'header_cursor', cursorKey: 'X-Next', cursorParam: 'from' } },
          processingSteps: [
            { filter: (row: { id: number }) => row.id % 10 !== 0 },
            { map: async (row: { id: number; name: string }) => ({ ...row, name: row.name.toUpperCase() }) },
          ],
        },
      ],
    }
  `,
  answer({ query }, times) {
    const { rows, next, hasMore } = pageFrom(Number(query.get('from') ?? 0))
    if (query.get('from') === '25' && times === 1) return { status: 503, headers: { 'retry-after': '0' } }
    return {
      headers: { 'content-type': 'application/x-ndjson', ...(hasMore && { 'x-next': `${next}` }) },
      body: rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    }
  },
  requests: 6,
  killAt: 5,
  again: 1,
  tables: {
    export: people.filter(({ id }) => id % 10 !== 0).map(({ id, name }) => ({ id, name: name.toUpperCase() })),
  },
}

const teams = Array.from({ length: 5 }, (_, index) => ({ id: index + 1, title: `team ${index + 1}` }))
/** The third team has no members. */
const members = teams.flatMap(({ id: team }) => (team === 3 ? [] : [1, 2, 3].map((n) => ({ id: team * 10 + n, team }))))
/** Nobody has more than two notes. */
const notes = members.flatMap(({ id }) => [1, 2].slice(0, id % 3).map((n) => ({ id: id * 10 + n, text: `note ${n}` })))

/** Children and their children, HAL links, and paging that nobody configured. */
const family: Shape = {
  file: 'family.json',
  config: (url) =>
    JSON.stringify({
      client: { base_url: url, retry },
      resource_defaults: byId,
      resources: [
        'teams',
        { name: 'members', endpoint: 'teams/{resources.teams.id}/members', include_from_parent: ['title'] },
        { name: 'notes', endpoint: 'members/{resources.members.id}/notes' },
      ],
    }),
  answer({ path, query }) {
    const [, of = '', id = ''] = /^\/(\w+)\/(\d+)\/\w+$/.exec(path) ?? []
    const all: readonly { readonly id: number }[] =
      path === '/teams'
        ? teams
        : of === 'teams'
          ? members.filter(({ team }) => team === Number(id))
          : notes.filter((note) => Math.floor(note.id / 10) === Number(id))
    const page = Number(query.get('page') ?? 1)
    const items = all.slice((page - 1) * 2, page * 2)
    const next = page * 2 < all.length ? { next: { href: `${path}?page=${page + 1}` } } : {}
    return { json: { _embedded: { items }, _links: { self: { href: path }, ...next } } }
  },
  requests: 3 + (4 * 2 + 1) + members.length,
  killAt: 12,
  // Of each stream the page that was on its way, and of parents the one that children were still reading from.
  again: 5,
  tables: {
    teams,
    members: members.map((member) => ({ ...member, _teams_title: `team ${member.team}` })),
    notes,
  },
}

/** As DuckDB gives it: whole numbers as their digits. */
function asRead(value: unknown): unknown {
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asRead(each)]))
}

const env = { TOKEN: 'xoxb-of-the-test' }

for (const shape of [slack, elasticsearch, scim, graphql, salesforce, ndjson, family]) {
  it(`reads every row of ${shape.file} once, and goes on after a kill at request ${shape.killAt}`, async () => {
    let running: RunningCommand | undefined
    const times = new Map<string, number>()
    const server = await startHttpServer((request, index) => {
      if (index + 1 === shape.killAt) {
        running?.kill('SIGKILL')
        return { fault: 'hang' }
      }
      const what = `${request.method} ${request.url} ${request.body}`
      times.set(what, (times.get(what) ?? 0) + 1)
      return shape.answer(request, times.get(what) ?? 0)
    })
    try {
      await withTempFolder(async (folder) => {
        const file = join(folder, shape.file)
        const lake = join(folder, 'lake')
        await writeFile(file, shape.config(server.url))
        running = startMillrace(['run', file, '--to', lake], env)
        const killed = await running.done
        assert.is(killed.signal, 'SIGKILL', killed.stderr)
        assert.equal(
          (await readdir(lake)).filter((name) => name in shape.tables),
          [],
          'nothing is visible yet',
        )

        const { code, stderr } = await startMillrace(['run', file, '--to', lake], env).done
        assert.is(code, 0, stderr)
        const most = shape.requests + shape.again
        assert.ok(server.requests.length <= most, `${server.requests.length} requests, at most ${most}`)
        for (const [name, rows] of Object.entries(shape.tables)) {
          const table = await readDelta(join(lake, name), shape.key ?? 'id')
          assert.equal(table.rows, rows.map(asRead))
        }
      })
    } finally {
      await server.close()
    }
  })
}

it.run()
