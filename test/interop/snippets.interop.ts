import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { filesBelow, root } from '../support/source-tree.ts'
import { deltaRsFolder } from './delta-rs.ts'
import { outputOf } from './shown-snippets.ts'

const it = suite('Python that the README of the lake shows')

const printed: Readonly<Record<string, RegExp>> = {
  'read-with-deltalake.py': /^version 1\n(?:[12] rows from 2 on\n)+2 rows in version 0\n$/,
  'read-with-pandas.py': /^kind\nreturn +2\.5\nsale +2\.0\n/,
  'read-with-polars.py': /^\[\(2, 'sale'\), \(3, 'return'\)\]\n$/,
  'read-with-duckdb.py': /^\[\('return', 2\.5\), \('sale', 2\.0\)\]\n$/,
}

for (const [snippet, wanted] of Object.entries(printed)) {
  it(`${snippet} runs and prints what it should`, async () => {
    assert.match(await outputOf(join(root, deltaRsFolder, 'bin/python'), snippet), wanted)
  })
}

it('all are run, but for that of Spark, which runs with --spark', async () => {
  const files = await filesBelow('packages/lake/examples/elsewhere')
  assert.equal(
    files.map((file) => file.split('/').at(-1)),
    [...Object.keys(printed), 'read-with-spark.py'].sort(),
  )
})

it.run()
