import { join } from 'node:path'
import { lake, restSource, run } from 'millrace'
import type { Task } from './contend.ts'
import { restConfig } from './rest-config.ts'

/** What `millrace run` does: all rows into a Delta table, staged durably page by page, in one commit. Gives rows read. */
export async function loadLake(task: Task, writeDisposition: 'append' | 'merge'): Promise<number> {
  const { streams } = await run(restSource(restConfig(task, writeDisposition)), lake(join(task.folder, 'lake')), {
    pipeline: 'bench',
    emit: ({ type }) => {
      if (type === 'page') task.page()
    },
  })
  return streams.reduce((rows, { read }) => rows + read, 0)
}
