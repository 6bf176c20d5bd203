import { lake } from '@millrace/lake'
import { run } from '@millrace/pipeline'
import { restSource } from '@millrace/rest'
import { expectRows } from './local/expect-rows.ts'
import { inFolder } from './local/in-folder.ts'
import { startOdata } from './local/odata.ts'

const api = await startOdata()

const odata = restSource({
  client: {
    baseUrl: `${api.url}/odata/v4`, // https://services.example.com/odata/v4
    headers: { accept: 'application/json;odata.metadata=minimal', prefer: 'odata.maxpagesize=100' },
    auth: { type: 'bearer', token: api.token }, // env('ODATA_TOKEN')
    // A key with a dot in it stands in brackets.
    paginator: { type: 'json_link', nextUrlPath: "['@odata.nextLink']" },
  },
  resources: [
    {
      name: 'orders',
      primaryKey: 'id',
      writeDisposition: 'merge',
      endpoint: {
        path: 'Orders',
        params: {
          $select: 'id,customer,modified',
          $orderby: 'modified',
          $filter: 'modified ge {incremental.start_value}',
        },
        dataSelector: 'value',
        incremental: { cursorPath: 'modified', initialValue: '2026-01-01T00:00:00Z' },
      },
    },
  ],
})

await inFolder(async (folder) => {
  await run(odata, lake(folder))
  await expectRows(folder, 'orders', api.orders)
})
await api.close()
