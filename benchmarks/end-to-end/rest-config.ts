import type { RestConfig } from 'millrace'
import type { Task } from './contend.ts'

/** The API of the benchmark as Millrace's configuration; `peers/dlt/load.py` has the same for dlt. */
export function restConfig({ url, limit }: Task, writeDisposition: 'append' | 'merge'): RestConfig {
  return {
    client: { baseUrl: url },
    resourceDefaults: { primaryKey: 'id', writeDisposition },
    resources: [
      {
        name: 'rows',
        endpoint: { path: 'rows', dataSelector: 'data', paginator: { type: 'offset', limit, totalPath: null } },
      },
    ],
  }
}
