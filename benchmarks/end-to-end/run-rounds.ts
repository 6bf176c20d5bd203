import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { withTempFolder } from '../../test/support/temp-folder.ts'
import { differences } from '../support/answer.ts'
import { type Measurement, measure } from '../support/measure.ts'
import { queryAnswer } from '../support/query-answer.ts'
import type { Contender } from './contender.ts'
import type { PageServer } from './page-server.ts'

/** One contender loading from one server. */
export interface Entry {
  readonly contender: Contender
  readonly server: PageServer
}

/**
 * Runs the entries in turn, A B A B …, each in a fresh process and folder, and checks what each has loaded. Prints a line
 * for each, since this takes long.
 *
 * @throws where one fails, or has loaded something else than the server sent.
 */
export async function runRounds(entries: readonly Entry[], rounds: number): Promise<Map<Entry, Measurement[]>> {
  const found = new Map(entries.map((entry) => [entry, [] as Measurement[]]))
  for (let round = 1; round <= rounds; round++) {
    await withTempFolder(async (temp) => {
      for (const entry of entries) {
        const measurement = await runOne(entry, temp)
        found.get(entry)?.push(measurement)
        const { contender, server } = entry
        const { pages, rowsPerPage } = server.shape
        console.log(
          `  round ${round} of ${rounds}, ${pages} × ${rowsPerPage}: ${contender.name}: ${measurement.seconds.toFixed(2)} s`,
        )
        // What another one goes on with is removed after it.
        const isNeeded = entries.some((other) => other.contender.onto === contender.name)
        if (!isNeeded) await rm(folderOf(contender, temp), { recursive: true, force: true })
      }
    })
  }
  return found
}

async function runOne({ contender, server }: Entry, temp: string): Promise<Measurement> {
  const { name, command, loaded } = contender
  const folder = folderOf(contender, temp)
  await mkdir(folder, { recursive: true })
  const measurement = await measure(command(server.url, server.shape.rowsPerPage, folder), folder, { server })
  const { rows } = measurement
  const wrong = [
    ...(rows === undefined ? [] : differences({ rows: String(rows) }, { rows: server.answer['rows'] ?? '' })),
    ...(loaded ? differences(await queryAnswer(await loaded(folder)), server.answer) : []),
  ]
  if (wrong.length > 0) throw new Error(`${name} came to a wrong answer:\n  ${wrong.join('\n  ')}`)
  return measurement
}

function folderOf({ name, onto = name }: Contender, temp: string): string {
  return join(temp, onto.replace(/\W+/g, '-'))
}
