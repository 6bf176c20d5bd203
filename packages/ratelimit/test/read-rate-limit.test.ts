import { type RateLimit, readRateLimit, readRetryAfter } from '@millrace/ratelimit'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('readRateLimit')

/** The client's clock, and in most answers the server's too. */
const now = Date.parse('2026-03-01T12:00:00Z')
const date = 'Sun, 01 Mar 2026 12:00:00 GMT'
const epoch = now / 1000

type Row = readonly [name: string, headers: Readonly<Record<string, string>>, expected: RateLimit | undefined]

const dialects: readonly Row[] = [
  [
    'IETF draft 03 to 06',
    { ratelimit: 'limit=100, remaining=50, reset=30' },
    { limit: 100, remaining: 50, resetMs: 30_000 },
  ],
  [
    'the same without spaces',
    { ratelimit: 'limit=100,remaining=0,reset=5' },
    { limit: 100, remaining: 0, resetMs: 5000 },
  ],
  [
    'IETF draft 07 on, with its policy',
    { ratelimit: '"default";r=50;t=30', 'ratelimit-policy': '"default";q=100;w=60' },
    { limit: 100, remaining: 50, resetMs: 30_000 },
  ],
  ['the same without a policy', { ratelimit: '"default"; r=0; t=7' }, { remaining: 0, resetMs: 7000 }],
  [
    'several policies: the one that stops its caller longest',
    {
      ratelimit: '"burst";r=0;t=1, "day";r=0;t=3600, "hour";r=7;t=60',
      'ratelimit-policy': '"burst";q=10, "day";q=1000',
    },
    { limit: 1000, remaining: 0, resetMs: 3_600_000 },
  ],
  [
    'several policies: the one with least left',
    { ratelimit: '"day";r=900;t=3600, "burst";r=3;t=1' },
    { remaining: 3, resetMs: 1000 },
  ],
  [
    'RateLimit-*, seconds from now (express, Zendesk)',
    { 'ratelimit-limit': '100, 100;w=60', 'ratelimit-remaining': '12', 'ratelimit-reset': '40' },
    { limit: 100, remaining: 12, resetMs: 40_000 },
  ],
  [
    'RateLimit-*, seconds since 1970 (GitLab)',
    { 'ratelimit-limit': '60', 'ratelimit-remaining': '1', 'ratelimit-reset': `${epoch + 90}`, date },
    { limit: 60, remaining: 1, resetMs: 90_000 },
  ],
  [
    'X-RateLimit-*, seconds since 1970 (GitHub)',
    { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${epoch + 1800}`, date },
    { limit: 5000, remaining: 0, resetMs: 1_800_000 },
  ],
  [
    'X-RateLimit-*, milliseconds since 1970 (Linear, Notion-like)',
    { 'x-ratelimit-limit': '1500', 'x-ratelimit-remaining': '9', 'x-ratelimit-reset': `${now + 12_500}`, date },
    { limit: 1500, remaining: 9, resetMs: 12_500 },
  ],
  [
    'X-RateLimit-*, seconds from now with a fraction (Reddit)',
    { 'x-ratelimit-remaining': '598.0', 'x-ratelimit-reset': '299.5' },
    { remaining: 598, resetMs: 299_500 },
  ],
  [
    'X-RateLimit-Reset as an ISO date (Vimeo)',
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2026-03-01T12:10:00+00:00', date },
    { remaining: 0, resetMs: 600_000 },
  ],
  [
    'the same without seconds (Jira), and without a zone',
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2026-03-01T12:10', date },
    { remaining: 0, resetMs: 600_000 },
  ],
  [
    'X-RateLimit-Reset as an HTTP date',
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'Sun, 01 Mar 2026 12:01:00 GMT', date },
    { remaining: 0, resetMs: 60_000 },
  ],
  [
    'X-RateLimit-Reset-After before X-RateLimit-Reset (Discord)',
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${epoch + 99}`, 'x-ratelimit-reset-after': '0.25', date },
    { remaining: 0, resetMs: 250 },
  ],
  [
    'X-Rate-Limit-* (Twitter, Okta)',
    { 'x-rate-limit-limit': '900', 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': `${epoch + 15}`, date },
    { limit: 900, remaining: 0, resetMs: 15_000 },
  ],
  [
    'a point in time on a clock an hour ahead of ours',
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${epoch + 3660}`, date: 'Sun, 01 Mar 2026 13:00:00 GMT' },
    { remaining: 0, resetMs: 60_000 },
  ],
  [
    'a reset within this second, or just over: a second is waited',
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${epoch - 1}`, date },
    { remaining: 0, resetMs: 1000 },
  ],
  ['a reset of 0', { 'ratelimit-remaining': '0', 'ratelimit-reset': '0' }, { remaining: 0, resetMs: 1000 }],
  ['no reset', { 'x-ratelimit-remaining': '5', 'x-ratelimit-limit': '10' }, { limit: 10, remaining: 5 }],
  [
    'Retry-After besides',
    { 'retry-after': '120', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '5' },
    { remaining: 0, resetMs: 5000, retryAfterMs: 120_000 },
  ],
  ['Retry-After alone', { 'retry-after': '3' }, { retryAfterMs: 3000 }],
  ['nothing', { date }, undefined],
  ['words', { 'x-ratelimit-remaining': 'plenty', ratelimit: 'none at all' }, undefined],
]

for (const [name, headers, expected] of dialects) {
  it(`reads ${name}`, () => assert.equal(readRateLimit(new Headers(headers), now), expected))
}

const forms: readonly (readonly [headers: Readonly<Record<string, string>>, expected: number | undefined])[] = [
  [{ 'retry-after': '120' }, 120_000],
  [{ 'retry-after': ' 7 ' }, 7000],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '1.5' }, 1500],
  [{ 'retry-after': '9999999999' }, 9_999_999_999_000],
  [{ 'retry-after': 'Sun, 01 Mar 2026 12:02:00 GMT' }, 120_000],
  [{ 'retry-after': 'Sun, 01 Mar 2026 12:02:00 GMT', date }, 120_000],
  [{ 'retry-after': 'Sun, 01 Mar 2026 13:02:00 GMT', date: 'Sun, 01 Mar 2026 13:00:00 GMT' }, 120_000],
  [{ 'retry-after': 'Sun, 01 Mar 2026 11:02:00 GMT', date: 'Sun, 01 Mar 2026 11:00:00 GMT' }, 120_000],
  [{ 'retry-after': 'Sun, 01 Mar 2026 11:59:00 GMT', date }, 0],
  [{ 'retry-after': 'Sunday, 01-Mar-26 12:02:00 GMT', date }, 120_000],
  [{ 'retry-after': '2026-03-01T12:02:00Z', date }, 120_000],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '-5' }, undefined],
  [{ 'retry-after': '1e3' }, undefined],
  [{ 'retry-after': '' }, undefined],
  [{}, undefined],
]

for (const [headers, expected] of forms) {
  it(`reads ${JSON.stringify(headers)} as ${expected} ms`, () =>
    assert.is(readRetryAfter(new Headers(headers), now), expected))
}

it('gives numbers from 0 or nothing, whatever the headers hold', () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme-ascii' }),
    fc.integer().map(String),
    fc.double().map(String),
    fc.date({ noInvalidDate: true }).map((each) => each.toUTCString()),
    fc.stringMatching(/^[a-z0-9=;, "]{0,40}$/),
  )
  const names = ['ratelimit', 'ratelimit-policy', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'retry-after', 'date']
  const headers = fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] })
  fc.assert(
    fc.property(headers, (each) => {
      const found = readRateLimit({ get: (name) => each[name] ?? null }, now) ?? {}
      for (const number of Object.values(found)) assert.ok(number >= 0 && Number.isFinite(number), JSON.stringify(each))
    }),
    { numRuns: 2000 },
  )
})

it.run()
