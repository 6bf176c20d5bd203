import { contend } from '../contend.ts'
import { loadLake } from '../load-lake.ts'

/** Millrace into a lake, rows appended. */
await contend((task) => loadLake(task, 'append'))
