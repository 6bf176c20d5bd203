import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { root } from '../support/source-tree.ts'
import { withTempFolder } from '../support/temp-folder.ts'
import { holdReaders, refusalOf } from './hold-readers.ts'
import { scenarios } from './scenarios.ts'
import { outputOf } from './shown-snippets.ts'
import { sparkFolder, startSpark } from './spark.ts'

const it = suite('Spark as a reader')

/** Of a longer history it reads so many versions at either end, since one takes it about a second. */
const ends = 2

const { python, reader } = startSpark()
it.after(() => python.close())

for (const [name, { make, rows, without = {} }] of Object.entries(scenarios)) {
  it(`reads ${name} as we do, and tells the history`, async () => {
    await withTempFolder(async (folder) => {
      await make(folder)
      for (const [table, versions] of Object.entries(rows)) {
        const wanted = without[reader.name]
        await holdReaders(folder, table, versions, wanted ? [] : [reader], ends)
        if (wanted) assert.match((await refusalOf(reader, join(folder, table))) ?? 'can read it', wanted)
      }
      const [[table, versions] = ['', []]] = Object.entries(rows)
      const history: readonly { version: number }[] = await python.ask('history', { path: join(folder, table) })
      assert.is(history[0]?.version, versions.length - 1, table)
    })
  })
}

it('runs what the README of the lake shows', async () => {
  const output = await outputOf(join(root, sparkFolder, 'bin/python'), 'read-with-spark.py')
  assert.match(output, "[Row(kind='return', sum(amount)=2.5), Row(kind='sale', sum(amount)=2.0)]")
})

it.run()
