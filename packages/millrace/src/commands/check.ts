import type { Emit, MillraceEvent } from '@millrace/core'
import { previewTables, type Stream, selectStreams, type TablePreview } from '@millrace/pipeline'
import { inFileSpelling } from '@millrace/rest'
import type { Command } from '../command.ts'
import { firstPage } from '../first-page.ts'
import { countText, numberText } from '../output/number-text.ts'
import { formatTable } from '../output/table.ts'
import { listOption } from '../read-options.ts'
import { startSource } from '../start-source.ts'

export const checkCommand: Command = {
  name: 'check',
  summary: 'validate the configuration, then read one page of each stream',
  help: `millrace check <config> [--only <a,b>] [--json]

Nothing is written. Explains for every stream how it is read, what was found out from the first answer (ready to paste),
how many requests to expect where the API gives a total, and the columns it would make.
`,
  positionals: [1, 1],
  options: { only: { type: 'string' }, json: { type: 'boolean' } },
  run: async (input) => {
    const {
      positionals: [path = ''],
      options,
      stdout,
      stop,
    } = input
    const { source, progress } = await startSource(input)
    const results: StreamCheck[] = []
    for (const stream of selectStreams(source, listOption(options, 'only'))) {
      results.push(await checkStream(stream, stop, progress.emit))
    }
    if (options['json']) return void stdout.write(`${JSON.stringify({ ok: true, streams: results })}\n`)
    for (const result of results) stdout.write(`${explain(result)}\n`)
    stdout.write(`${path} is fine: ${countText(results.length, 'stream', 'streams')} answered\n`)
    return undefined
  },
}

interface StreamCheck {
  readonly stream: string
  readonly table: string
  readonly disposition: string
  readonly primaryKey: readonly string[]
  readonly details: Readonly<Record<string, string>>
  /** What was found out, in the spelling of a file, and why. */
  readonly detected?: {
    readonly paginator?: Readonly<Record<string, unknown>>
    readonly data_selector?: string
    readonly reason: string
  }
  /** In the first page. */
  readonly rows: number
  readonly total?: number
  /** Requests that reading all of it takes, where the total is known. */
  readonly requests?: number
  readonly columns: readonly Column[]
  /** Tables of nested rows that the first page has rows for. */
  readonly nested?: readonly { readonly table: string; readonly columns: readonly Column[] }[]
}

interface Column {
  readonly name: string
  readonly type: string
}

async function checkStream(stream: Stream, signal: AbortSignal, tell: Emit): Promise<StreamCheck> {
  let found: Extract<MillraceEvent, { type: 'detected' }> | undefined
  const page = await firstPage(stream, signal, (event) => {
    if (event.type === 'detected' && event.stream === stream.name) found = event
    tell(event)
  })
  const { name, table = name, disposition, primaryKey = [], details = {} } = stream
  const [own, ...others] = await previewTables(stream, page?.rows ?? [])
  const rows = page?.rows.length ?? 0
  const total = page?.meta?.total
  return {
    stream: name,
    table,
    disposition,
    primaryKey,
    details,
    ...(found && {
      detected: {
        ...(found.paginator && { paginator: inFileSpelling(found.paginator) }),
        ...(found.dataSelector !== undefined && { data_selector: found.dataSelector }),
        reason: found.reason,
      },
    }),
    rows,
    ...(total !== undefined && { total }),
    ...(total !== undefined && rows > 0 && { requests: Math.ceil(total / rows) }),
    columns: own ? columnsOf(own) : [],
    ...(others.length > 0 && { nested: others.map((each) => ({ table: each.table, columns: columnsOf(each) })) }),
  }
}

function columnsOf({ schema }: TablePreview): readonly Column[] {
  return schema.fields.map(({ name, type, nullable }) => ({ name, type: nullable ? String(type) : `${type} not null` }))
}

function explain(check: StreamCheck): string {
  const { stream, table, disposition, primaryKey, details, detected, rows, total, requests } = check
  const key = primaryKey.length > 0 ? ` by ${primaryKey.join(', ')}` : ''
  const found =
    total === undefined ? countText(rows, 'row', 'rows') : `${numberText(rows)} of ${countText(total, 'row', 'rows')}`
  const expected = requests === undefined ? '' : `; about ${countText(requests, 'request', 'requests')} for all`
  const width = Math.max(...Object.keys(details).map((name) => name.length), 0)
  const paste = detected && [
    `  found out from the first answer (${detected.reason}); to be sure of it, paste into the endpoint:`,
    ...(detected.paginator ? [`    "paginator": ${JSON.stringify(detected.paginator)}`] : []),
    ...(detected.data_selector === undefined ? [] : [`    "data_selector": ${JSON.stringify(detected.data_selector)}`]),
  ]
  return [
    `${stream}: ${disposition}${key} into "${table}"; the first page has ${found}${expected}`,
    ...Object.entries(details).map(([name, text]) => `  ${name.padEnd(width)}  ${text}`),
    ...(paste ?? []),
    columnTable(check.columns),
    ...(check.nested ?? []).flatMap(({ table: name, columns }) => [
      `  nested rows into "${name}"`,
      columnTable(columns),
    ]),
  ].join('\n')
}

function columnTable(columns: readonly Column[]): string {
  return formatTable(
    ['column', 'type'],
    columns.map(({ name, type }) => [name, type]),
  )
}
