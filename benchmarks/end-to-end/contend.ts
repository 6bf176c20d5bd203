import { contend as contendFor } from '../support/contend.ts'

export interface Task {
  /** Of the API, without the path. */
  readonly url: string
  /** Rows per page. */
  readonly limit: number
  /** Where the result goes. */
  readonly folder: string
  /** Called with each page as it is there, parsed; only the first time counts. */
  page(): void
}

/** A contender that loads from the page server. */
export function contend(job: (task: Task) => Promise<number>): Promise<void> {
  return contendFor(([url = '', limit, folder = ''], page) => job({ url, limit: Number(limit), folder, page }))
}
