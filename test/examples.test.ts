import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readFences, readRegion } from './support/readme-examples.ts'
import { filesBelow, readPackages, root } from './support/source-tree.ts'
import { withTempFolder } from './support/temp-folder.ts'

/** Longest an example may run, milliseconds. */
const exampleTimeoutMs = 60_000

/** Code that a reader would run: each block of it is a file that is run here. */
const runnable = ['ts', 'typescript', 'js', 'javascript']

const folders = ['.', ...(await readPackages()).map(({ folder }) => folder)]
const examples = (await Promise.all(folders.map((folder) => filesBelow(join(folder, 'examples')))))
  .flat()
  .filter((path) => /(^|\/)examples\/[^/]+\.ts$/.test(path))

const readmeIt = suite('examples shown')

const readmes = [...folders.map((folder) => join(folder, 'README.md')), 'CONTRIBUTING.md', 'ARCHITECTURE.md']
for (const name of readmes) {
  const readme = join(root, name)
  // That every package has one is a matter of its manifest.
  if (!existsSync(readme)) continue
  readmeIt(`${name} shows its examples as they are`, async () => {
    for (const { line, language, text, example } of readFences(await readFile(readme, 'utf8'))) {
      if (example === undefined) {
        assert.not(
          runnable.includes(language),
          `line ${line}: a \`\`\`${language} block without <!-- example: path -->`,
        )
        continue
      }
      const [path = '', region] = example.split('#')
      const file = await readFile(join(dirname(readme), path), 'utf8')
      assert.is(text, region === undefined ? file : readRegion(file, region), `line ${line}: differs from ${example}`)
      // Shown code is run code: directly, or by an example that imports it.
      if (language === 'ts') assert.ok(path.endsWith('.ts'), `line ${line}: ${path} is no TypeScript`)
    }
  })
}

readmeIt('reads fences, markers and regions', () => {
  const markdown = ['<!-- example: a.ts#part -->', '```ts', 'a()', '```', '', '```sh', 'ls', '```'].join('\n')
  assert.equal(readFences(markdown), [
    { line: 2, language: 'ts', text: 'a()\n', example: 'a.ts#part' },
    { line: 6, language: 'sh', text: 'ls\n' },
  ])
  assert.is(readRegion('x\n// #region part\na()\n// #endregion\ny', 'part'), 'a()\n')
  assert.throws(() => readRegion('a()', 'part'), /no region "part"/)
  assert.throws(() => readFences('```ts\na()'), /line 1 is not closed/)
})

readmeIt.run()

const exampleIt = suite('examples')

for (const path of examples) {
  exampleIt(`${path} runs and exits with 0`, async () => {
    const compiled = join(root, '.build', path.replace(/\.ts$/, '.js'))
    await withTempFolder(async (cwd) => {
      await promisify(execFile)(process.execPath, ['--enable-source-maps', compiled], {
        cwd,
        timeout: exampleTimeoutMs,
      })
    })
  })
}

exampleIt('there is one of every package', () => {
  const without = folders.filter((folder) => !examples.some((path) => path.startsWith(join(folder, 'examples/'))))
  assert.equal(without, [])
})

exampleIt.run()
