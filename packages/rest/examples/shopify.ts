import { lake } from '@millrace/lake'
import { run } from '@millrace/pipeline'
import { restSource } from '@millrace/rest'
import { expectRows } from './local/expect-rows.ts'
import { inFolder } from './local/in-folder.ts'
import { startShopify } from './local/shopify.ts'

const api = await startShopify()

const shopify = restSource({
  client: {
    baseUrl: `${api.url}/admin/api/2025-01`, // https://my-shop.myshopify.com/admin/api/2025-01
    auth: { type: 'api_key', name: 'X-Shopify-Access-Token', apiKey: api.token }, // env('SHOPIFY_TOKEN')
    // Link: <https://…/products.json?limit=250&page_info=…>; rel="next". The link is all that is sent: Shopify refuses
    // any other parameter beside page_info.
    paginator: 'header_link',
  },
  resources: [
    {
      name: 'products',
      primaryKey: 'id',
      writeDisposition: 'merge',
      endpoint: { path: 'products.json', params: { status: 'active', limit: 250 }, dataSelector: 'products' },
    },
  ],
})

await inFolder(async (folder) => {
  await run(shopify, lake(folder))
  await expectRows(folder, 'products', api.products)
})
await api.close()
