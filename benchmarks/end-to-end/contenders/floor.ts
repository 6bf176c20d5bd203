import { contend } from '../contend.ts'
import { fetchPages } from '../fetch-pages.ts'

/** The floor: every page fetched and parsed, and the rows counted. No loader can be faster than this, one page at a time. */
await contend(async (task) => {
  let rows = 0
  for await (const page of fetchPages(task)) rows += page.length
  return rows
})
