import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Handler, type HttpServer, type Reply, startHttpServer } from '../support/http-server.ts'
import { createRandom, type Random } from '../support/random.ts'
import { readDelta } from '../support/read-delta.ts'
import { type CommandResult, millrace, startMillrace } from '../support/run-millrace.ts'
import { withTempFolder } from '../support/temp-folder.ts'

const it = suite('SIGINT and SIGTERM')

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const
type Signal = keyof typeof exitCodes

/** What is promised: a supervisor that waits so long does not have to kill. Milliseconds. */
const mostMs = 5_000

const numbers = 1_200
const posts = 12

/** 24 pages of numbers; 4 pages of posts, and 1 of comments for each post. Each answer takes its time. */
const api: Handler = async ({ path, query }): Promise<Reply> => {
  await sleep(15)
  const page = (count: number, size: number): Reply => {
    const offset = Number(query.get('offset'))
    const left = Math.max(0, Math.min(size, count - offset))
    return { json: { data: Array.from({ length: left }, (_, index) => ({ id: offset + index })), total: count } }
  }
  const [, what, id] = path.split('/')
  if (what === 'numbers') return page(numbers, 50)
  return id === undefined ? page(posts, 3) : { json: { data: [{ id: Number(id) }], total: 1 } }
}

const expected = { numbers, posts, comments: posts }

async function writeConfig(folder: string, server: HttpServer, client: object = {}): Promise<string> {
  const config = join(folder, 'api.json')
  const paginator = (limit: number): object => ({ type: 'offset', limit })
  await writeFile(
    config,
    JSON.stringify({
      client: { base_url: server.url, ...client },
      resource_defaults: { primary_key: 'id', write_disposition: 'merge', endpoint: { data_selector: 'data' } },
      resources: [
        { name: 'numbers', endpoint: { paginator: paginator(50) } },
        { name: 'posts', endpoint: { paginator: paginator(3) } },
        { name: 'comments', endpoint: { path: 'comments/{resources.posts.id}', paginator: 'single_page' } },
      ],
    }),
  )
  return config
}

async function checkTables(to: string, told: string): Promise<void> {
  for (const [table, count] of Object.entries(expected)) {
    const { rows } = await readDelta(join(to, table), 'id')
    const ids = rows.map(({ id }) => Number(id))
    assert.equal(
      ids,
      Array.from({ length: count }, (_, id) => id),
      `${told}: ${table}`,
    )
  }
}

interface Stopped extends CommandResult {
  /** Of the process, after the signal. */
  readonly ms: number
}

/** Runs the command until a moment comes, and then sends it a signal. */
async function stopAt(moment: Promise<unknown>, args: readonly string[], signal: Signal): Promise<Stopped> {
  const command = startMillrace(args)
  let sentAt = Number.NaN
  void moment.then(() => {
    sentAt = performance.now()
    command.kill(signal)
  })
  const result = await command.done
  return { ...result, ms: performance.now() - sentAt }
}

/** A moment in the life of a run: while Node starts, or some milliseconds after some request. */
function randomMoment(random: Random, server: HttpServer): Promise<unknown> {
  if (random.chance(0.3)) return sleep(random.int(0, 700))
  const target = server.requests.length + random.int(1, 25)
  const delay = random.int(0, 20)
  const isThere = async (): Promise<void> => {
    const until = performance.now() + 1_500
    while (server.requests.length < target && performance.now() < until) await sleep(2)
    await sleep(delay)
  }
  return isThere()
}

/**
 * Stops runs of one configuration so many times, each going on where the one before was stopped, and each time one has come
 * to its end begins anew. Returns how many were stopped in the middle.
 */
async function stopAgainAndAgain(seed: number, stops: number): Promise<{ stopped: number; longestMs: number }> {
  const random = createRandom(seed)
  let stopped = 0
  let longestMs = 0
  const server = await startHttpServer(api)
  try {
    await withTempFolder(async (folder) => {
      const config = await writeConfig(folder, server)
      let cycle = 0
      let stopsInCycle = 0
      let before = 0
      const args = (): string[] => ['run', config, '--to', join(folder, `out-${cycle}`), '--json']
      const endCycle = async (): Promise<void> => {
        const told = `seed ${seed}, cycle ${cycle}`
        await checkTables(join(folder, `out-${cycle}`), told)
        const urls = server.requests.slice(before).map(({ url }) => url)
        const again = urls.filter((url, index) => urls.indexOf(url) !== index)
        // Each page is fetched once. Only one of the posts may be at each stop: their own stream had it, and the comments not.
        assert.equal(
          again.filter((url) => !url.startsWith('/posts')),
          [],
          told,
        )
        assert.ok(again.length <= stopsInCycle, `${told}: ${again.length} pages again after ${stopsInCycle} stops`)
        before = server.requests.length
        stopsInCycle = 0
        cycle += 1
      }
      for (let stop = 0; stop < stops; stop++) {
        const signal: Signal = random.chance(0.5) ? 'SIGINT' : 'SIGTERM'
        const result = await stopAt(randomMoment(random, server), args(), signal)
        // A process that has done its work and told so may be hit while it ends.
        if (result.code === 0 || result.stdout.includes('"ok":true')) {
          await endCycle()
          continue
        }
        // Before its first line has run a process knows of no signal, and dies of it as any other does.
        const code = result.signal === signal ? exitCodes[signal] : result.code
        assert.is(code, exitCodes[signal], result.stderr)
        if (result.signal === null) assert.match(result.stderr, `stopped by ${signal}; what was staged is kept`)
        assert.ok(result.ms < mostMs, `ended after ${result.ms} ms`)
        longestMs = Math.max(longestMs, result.ms)
        stopped += 1
        stopsInCycle += 1
      }
      const last = await millrace(args())
      assert.is(last.code, 0, last.stderr)
      await endCycle()
    })
  } finally {
    await server.close()
  }
  return { stopped, longestMs }
}

it('stop a run in order at 50 random moments, with no page lost and none fetched again', async () => {
  // Two at a time: a process spends most of its life starting.
  const results = await Promise.all([stopAgainAndAgain(20_261, 25), stopAgainAndAgain(20_262, 25)])
  const stopped = results.reduce((sum, each) => sum + each.stopped, 0)
  const longestMs = Math.max(...results.map((each) => each.longestMs))
  assert.ok(stopped > 25, `${stopped} were stopped before their end`)
  console.log(`50 signals, ${stopped} in the middle of a run, the longest took ${longestMs.toFixed(0)} ms to end it`)
})

/** The third page of numbers is answered as the test says. */
async function withThirdPage(
  reply: () => Promise<Reply>,
  use: (args: readonly string[], server: HttpServer, isAsked: Promise<void>) => Promise<void>,
  client: object = {},
): Promise<void> {
  let ask = (): void => {}
  const isAsked = new Promise<void>((resolve) => {
    ask = resolve
  })
  let isFirst = true
  const server = await startHttpServer((request, index) => {
    if (request.path !== '/numbers' || request.query.get('offset') !== '100' || !isFirst) return api(request, index)
    ask()
    isFirst = false
    return reply()
  })
  try {
    await withTempFolder(async (folder) => {
      const config = await writeConfig(folder, server, client)
      await use(['run', config, '--to', join(folder, 'out'), '--json'], server, isAsked)
    })
  } finally {
    await server.close()
  }
}

const never = (): Promise<Reply> => new Promise(() => {})

it('give up a page that does not come in time, and keep those before it', async () => {
  await withThirdPage(never, async (args, server, isAsked) => {
    const { code, ms, stdout } = await stopAt(isAsked, args, 'SIGTERM')
    assert.is(code, 143)
    assert.ok(ms < mostMs, `ended after ${ms} ms`)
    assert.match(stdout, '"ok":false')
    const before = server.requests.length
    const next = await millrace(args)
    assert.is(next.code, 0, next.stderr)
    const offsets = server.requests.slice(before).filter(({ path }) => path === '/numbers')
    assert.is(offsets[0]?.query.get('offset'), '100')
  })
})

it('end a run at once when they come twice, and the next one converges', async () => {
  await withThirdPage(never, async (args, _, isAsked) => {
    const command = startMillrace(args)
    await isAsked
    command.kill('SIGINT')
    await sleep(20)
    const sentAt = performance.now()
    command.kill('SIGINT')
    const { code } = await command.done
    const ms = performance.now() - sentAt
    assert.is(code, 130)
    // Not the 4 s that the first one alone would have taken.
    assert.ok(ms < 1_000, `ended after ${ms} ms`)
    console.log(`a second signal ended the run after ${ms.toFixed(0)} ms`)
    const next = await millrace(args)
    assert.is(next.code, 0, next.stderr)
    await checkTables(args[3] ?? '', 'after the second signal')
  })
})

it('cut a wait short, for a retry and for a rate limit', async () => {
  const busy = async (): Promise<Reply> => ({ status: 503, headers: { 'retry-after': '300' } })
  await withThirdPage(busy, async (args, server, isAsked) => {
    const { code, ms, stderr } = await stopAt(
      isAsked.then(() => sleep(20)),
      args,
      'SIGTERM',
    )
    assert.is(code, 143, stderr)
    assert.ok(ms < 3_500, `ended after ${ms} ms`)
    const before = server.requests.length
    const next = await millrace(args)
    assert.is(next.code, 0, next.stderr)
    assert.is(server.requests.slice(before).filter(({ path }) => path === '/numbers').length, 22)
  })
  const limited = { rate_limit: { requests: 1, per_seconds: 60 } }
  const server = await startHttpServer(api)
  try {
    await withTempFolder(async (folder) => {
      const args = ['run', await writeConfig(folder, server, limited), '--to', join(folder, 'out')]
      const isAsked = async (): Promise<void> => {
        while (server.requests.length === 0) await sleep(2)
        await sleep(20)
      }
      const { code, ms, stderr } = await stopAt(isAsked(), args, 'SIGINT')
      assert.is(code, 130, stderr)
      assert.ok(ms < 3_500, `ended after ${ms} ms`)
    })
  } finally {
    await server.close()
  }
})

it.run()
