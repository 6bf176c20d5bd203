import type { IncrementalConfig } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { problemLinesOf } from '../../../../test/support/config-problems.ts'

const it = suite('incremental configuration')

function incrementalProblems(incremental: Omit<IncrementalConfig, 'cursorPath'>): string[] {
  return problemLinesOf({
    client: { baseUrl: 'http://127.0.0.1' },
    resources: [{ name: 'things', endpoint: { incremental: { cursorPath: 'at', ...incremental } } }],
  }).map((line) => line.replace('resources[0].endpoint.incremental.', ''))
}

const first = (one: unknown) => one
const wrong: readonly (readonly [config: Omit<IncrementalConfig, 'cursorPath'>, problem: RegExp])[] = [
  [{ endValue: 5 }, /^endValue: needs initial_value/],
  [{ initialValue: '1', endValue: 5 }, /^endValue: cannot be compared with initial_value/],
  [{ initialValue: 5, endValue: 5 }, /^endValue: leaves nothing to read: it must lie above/],
  [{ initialValue: 5, endValue: 6, lastValueFunc: 'min' }, /^endValue: leaves nothing to read: it must lie below/],
  [{ lag: 1, lastValueFunc: first }, /^lag: needs last_value_func max or min/],
  [{ lag: 1, initialValue: 'v1' }, /^lag: needs an initial_value that is a number, a date or a timestamp/],
  [{ step: 1 }, /^step: needs initial_value/],
  [{ step: 1, initialValue: 1 }, /^step: needs end_value, since the values are numbers/],
  [{ step: 1, initialValue: 'v1', endValue: 'v9' }, /^step: needs an initial_value that is a number/],
  [{ step: 1, initialValue: 1, endValue: 9, lastValueFunc: first }, /^step: needs last_value_func max or min/],
  [{ step: 1, initialValue: '2026-01-01', lastValueFunc: 'min' }, /^step: needs end_value with last_value_func min/],
  [{ step: 1.5, initialValue: '2026-01-01' }, /^step: must be a whole number of days/],
  [{ cursorFrom: 'body', rowOrder: 'asc' }, /^rowOrder: does nothing with cursor_from body/],
  [{ cursorFrom: 'body', primaryKey: 'id' }, /^primaryKey: does nothing/],
  [{ cursorFrom: 'server_clock', rangeStart: 'open' }, /^rangeStart: does nothing with cursor_from server_clock/],
  [{ cursorFrom: 'server_clock', lastValueFunc: 'min' }, /^lastValueFunc: does nothing/],
  [{ cursorFrom: 'server_clock', initialValue: 'v1' }, /^initialValue: must be a date, a timestamp or a number/],
]
for (const [config, problem] of wrong) {
  it(`refuses ${JSON.stringify(config, (_, value) => (typeof value === 'function' ? 'function' : value))}`, () => {
    const problems = incrementalProblems(config)
    assert.is(problems.length, 1)
    assert.match(problems[0] ?? '', problem)
  })
}

it('takes what makes sense', () => {
  for (const config of [
    { initialValue: 5, endValue: 5, rangeEnd: 'closed' },
    { initialValue: 6, endValue: 5, lastValueFunc: 'min' },
    { initialValue: 1, endValue: 0, lastValueFunc: first },
    { lag: 1 },
    { step: 0.5, initialValue: '2026-01-01T00:00:00Z' },
    { step: 2, initialValue: 9, endValue: 1, lastValueFunc: 'min' },
    { cursorFrom: 'body', lastValueFunc: 'min', onCursorValueMissing: 'include' },
    { cursorFrom: 'server_clock', lag: 60 },
    { endParam: 'until' },
  ] satisfies Omit<IncrementalConfig, 'cursorPath'>[]) {
    assert.equal(incrementalProblems(config), [])
  }
})

it.run()
