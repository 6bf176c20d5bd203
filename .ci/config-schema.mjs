import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configJsonSchema } from '../packages/rest/dist/config/json-schema.js'

/**
 * Writes `packages/rest/config.schema.json`, from the schema that configurations are held to and from the comments of
 * their interfaces. With `--check` it fails where the file says something else.
 *
 * The interfaces are read as text: they are all written in one way, which the formatter sees to.
 */
const file = new URL('../packages/rest/config.schema.json', import.meta.url)
const folders = ['../packages/rest/src/config/', '../packages/paginate/src/']

const text = folders.map(readFolder).join('\n')
const constants = new Map(
  [...text.matchAll(/^export const (\w+)(?:: \w+)? = (.+)$/gm)].map(([, name, value]) => [name, value]),
)

function readFolder(folder) {
  const url = new URL(folder, import.meta.url)
  const names = readdirSync(url).filter((name) => name.endsWith('.ts'))
  return names.map((name) => readFileSync(new URL(name, url), 'utf8')).join('\n')
}

/** A comment as a sentence for people who write JSON and YAML. */
function sentence(comment = '') {
  return comment
    .replace(/^\/\*\*|\*\/$/g, '')
    .replace(/^\s*\*( @.*)?/gm, ' ')
    .replace(/\{@link (\w+)\}/g, (_, name) => (constants.get(name) ?? name).replaceAll("'", '`').replaceAll('_', ''))
    .replace(/`([a-z]+[A-Z]\w*)`/g, (_, key) => `\`${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}\``)
    .replace(/\s+/g, ' ')
    .trim()
}

const interfaces = new Map()
const comment = String.raw`(\/\*\*(?:[^*]|\*(?!\/))*\*\/)?\s*`
for (const found of text.matchAll(
  new RegExp(`${comment}export interface (\\w+)(?:\\s+extends ([^{]+?))? \\{\n(.*?)^\\}`, 'gms'),
)) {
  const [, about, name, bases = '', body] = found
  const own = [...body.matchAll(new RegExp(`${comment}readonly (\\$?\\w+)\\??:(?: '(\\w+)')?`, 'g'))]
  interfaces.set(name, {
    name,
    text: sentence(about?.split('\n *\n')[0]),
    bases: bases.match(/(Omit|Pick)<[^>]+>|\w+/g) ?? [],
    own: Object.fromEntries(own.map(([, said, key]) => [key, sentence(said)])),
    type: own.find(([, , key]) => key === 'type')?.[3],
  })
}

/** The keys of an interface with those of its bases, of which `Omit` and `Pick` take a part. */
function keysOf({ bases, own }) {
  const inherited = bases.flatMap((base) => {
    const [, how, name = base, names = ''] = /^(Omit|Pick)<(\w+), ([^>]+)>$/.exec(base) ?? []
    const chosen = names.match(/\w+/g) ?? []
    const keys = Object.entries(keysOf(interfaces.get(name) ?? { bases: [], own: {} }))
    return how === undefined ? keys : keys.filter(([key]) => chosen.includes(key) === (how === 'Pick'))
  })
  return { ...Object.fromEntries(inherited), ...own }
}

const documented = [...interfaces.values()].map(({ name, text, type, ...rest }) => ({
  name,
  text,
  type,
  keys: keysOf(rest),
}))
const schema = `${JSON.stringify(configJsonSchema(documented), null, 2)}\n`

if (!process.argv.includes('--check')) {
  writeFileSync(file, schema)
} else if (readFileSync(file, 'utf8') !== schema) {
  console.error(`${fileURLToPath(file)} is not what the configuration accepts now; run: node .ci/config-schema.mjs`)
  process.exitCode = 1
}
