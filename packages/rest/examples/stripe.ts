import { lake } from '@millrace/lake'
import { run } from '@millrace/pipeline'
import { restSource } from '@millrace/rest'
import { expectRows } from './local/expect-rows.ts'
import { inFolder } from './local/in-folder.ts'
import { startStripe } from './local/stripe.ts'

const api = await startStripe()

const stripe = restSource({
  client: {
    baseUrl: `${api.url}/v1`, // https://api.stripe.com/v1
    auth: { type: 'http_basic', username: api.key, password: '' }, // env('STRIPE_KEY')
    // ?starting_after=<id of the last row>, while has_more is true.
    paginator: { type: 'cursor', cursorPath: 'data[-1].id', cursorParam: 'starting_after', hasMorePath: 'has_more' },
  },
  resourceDefaults: {
    primaryKey: 'id',
    writeDisposition: 'merge',
    endpoint: { dataSelector: 'data', params: { limit: 100 } },
  },
  resources: ['charges', 'customers'],
})

await inFolder(async (folder) => {
  await run(stripe, lake(folder))
  await expectRows(folder, 'charges', api.charges)
  await expectRows(folder, 'customers', api.customers)
})
await api.close()
