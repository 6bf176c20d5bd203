import { contend } from '../contend.ts'
import { loadLake } from '../load-lake.ts'

/** Millrace into a lake, merged by primary key with what is there. */
await contend((task) => loadLake(task, 'merge'))
