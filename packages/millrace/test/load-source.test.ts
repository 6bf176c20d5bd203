import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError, loadSource } from 'millrace'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('loadSource')

/** Loads a file of the given name and text; gives the problems where it is refused. */
function load(
  name: string,
  text: string,
  env: Record<string, string> = {},
): Promise<{ streams: string[]; source: string } | ConfigError['problems']> {
  return withTempFolder(async (folder) => {
    const path = join(folder, name)
    await writeFile(path, text)
    try {
      const { source } = await loadSource(path, env)
      return { source: source.name, streams: source.streams().map((stream) => stream.name) }
    } catch (thrown) {
      if (thrown instanceof ConfigError) {
        return thrown.problems.map((problem) => ({ ...problem, path: problem.path.replace(`${folder}/`, '') }))
      }
      throw thrown
    }
  })
}

const shop = { client: { base_url: 'http://127.0.0.1:1' }, resources: ['orders', 'users'] }

it('names the source after the file', async () => {
  assert.equal(await load('shop.json', JSON.stringify(shop)), { source: 'shop', streams: ['orders', 'users'] })
})

it('reads YAML', async () => {
  const yaml = 'client: { base_url: "http://127.0.0.1:1" }\nresources: [orders]\n'
  assert.equal(await load('shop.yml', yaml), { source: 'shop', streams: ['orders'] })
})

for (const [name, text] of [
  ['default.mjs', `export default ${JSON.stringify(shop)}`],
  ['named.ts', `export const config: object = ${JSON.stringify(shop)}`],
  ['source.mjs', `export const source = { name: 'own', streams: () => [{ name: 'orders' }, { name: 'users' }] }`],
] as const) {
  it(`reads ${name}`, async () => {
    const loaded = await load(name, text)
    assert.equal('streams' in loaded && loaded.streams, ['orders', 'users'])
  })
}

it('names every variable that is not set, with the path of the string that asks for it', async () => {
  const config = {
    client: { base_url: '${URL}', auth: { type: 'bearer', token: '${TOKEN}' } },
    resources: [{ name: 'a', endpoint: { path: 'a', params: { x: 'pre-${X}' } } }],
  }
  assert.equal(await load('shop.json', JSON.stringify(config), { URL: 'http://127.0.0.1:1' }), [
    { path: 'client.auth.token', message: 'the environment variable TOKEN is not set' },
    { path: 'resources[0].endpoint.params.x', message: 'the environment variable X is not set' },
  ])
})

it('leaves $${ as ${', async () => {
  const config = { ...shop, resources: [{ name: 'a', endpoint: { path: 'a', params: { x: '$${X}' } } }] }
  assert.equal(await load('shop.json', JSON.stringify(config)), { source: 'shop', streams: ['a'] })
})

for (const [name, text, problem] of [
  ['broken.json', '{"client": }', 'is not valid JSON'],
  ['broken.yaml', 'client: [', 'is not valid YAML'],
  ['tagged.yaml', 'client: !secret { base_url: x }', 'Unresolved tag: !secret at line 1, column 9'],
  ['several.yaml', 'client: 1\n---\nclient: 2', 'holds several YAML documents, expected one'],
  ['deep.json', `${'['.repeat(9000)}${']'.repeat(9000)}`, 'is nested deeper than 200 levels'],
  ['deep.yaml', `${'['.repeat(9000)}${']'.repeat(9000)}`, 'is not valid YAML'],
  ['list.json', '[]', 'expected an object'],
  ['function.mjs', 'export default () => 1', 'expected an object'],
  ['throws.mjs', 'throw new Error("boom")', 'cannot be imported: boom'],
  ['empty.mjs', 'export const other = 1', 'exports other; export the configuration as default, config or source'],
  ['config.toml', '', 'a configuration ends in .json'],
] as const) {
  it(`says what is wrong with ${name}`, async () => {
    const problems = await load(name, text)
    assert.ok(Array.isArray(problems))
    assert.is(problems[0]?.path, name)
    assert.match(problems[0]?.message ?? '', problem)
  })
}

it('refuses a YAML alias bomb', async () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let level = 1; level < 9; level++) {
    lines.push(
      `a${level}: &a${level} [${Array(9)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
    )
  }
  const problems = await load('bomb.yaml', lines.join('\n'))
  assert.ok(Array.isArray(problems))
  assert.match(problems[0]?.message ?? '', 'alias')
})

it.run()
