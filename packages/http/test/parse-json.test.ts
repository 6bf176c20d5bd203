import type { JsonValue } from '@millrace/core'
import { parseJson } from '@millrace/http'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('parseJson')

/** What JSON.parse would have made of the large integers. */
function rounded(value: JsonValue): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(rounded)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, rounded(each)]))
}

it('keeps safe integers as numbers and makes all others bigint', () => {
  const cases: [string, unknown][] = [
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['-9007199254740992', -9007199254740992n],
    ['[ 123456789012345678901234567890 ]', [123456789012345678901234567890n]],
    ['{"a":-9007199254740993,"b":1}', { a: -9007199254740993n, b: 1 }],
    ['1234567890123456.5', 1234567890123456.5],
    ['[1,9007199254740993]', [1, 9007199254740993n]],
    ['"12345678901234567890"', '12345678901234567890'],
    ['0.12345678901234567890', 0.12345678901234568],
    ['1e21', 1e21],
    ['{"a":1,"a":9007199254740993,"a":2}', { a: 2 }],
    ['{"a":1,"a":2,"b":9007199254740993}', { a: 2, b: 9007199254740993n }],
  ]
  for (const [text, expected] of cases) assert.equal(parseJson(text), expected, text)
})

it('agrees with JSON.parse on everything else', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.boolean(), (value, isLong) => {
      // A long integer at the front takes the lossless way for all of the text.
      const text = JSON.stringify(isLong ? { long: 0, value } : value, null, 1)
      const long = text.replace('"long": 0', '"long": 12345678901234567')
      assert.equal(rounded(parseJson(long)), JSON.parse(long))
    }),
  )
})

it('finds any unsafe integer wherever it stands', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 130n }),
      fc.boolean(),
      fc.jsonValue(),
      (size, isNegative, other) => {
        const integer = isNegative ? -size : size
        const text = `{"other":${JSON.stringify(other)},"list":[${integer}],\t"id" :\n${integer}}`
        const parsed = parseJson(text) as Record<string, unknown>
        assert.is(parsed['id'], integer)
        assert.equal(parsed['list'], [integer])
      },
    ),
  )
})

it.run()
