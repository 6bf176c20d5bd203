import { lake } from '@millrace/lake'
import { run } from '@millrace/pipeline'
import { restSource } from '@millrace/rest'
import { expectRows } from './local/expect-rows.ts'
import { startHubspot } from './local/hubspot.ts'
import { inFolder } from './local/in-folder.ts'

const api = await startHubspot()

const hubspot = restSource({
  client: {
    baseUrl: api.url, // https://api.hubapi.com
    auth: { type: 'bearer', token: api.token }, // env('HUBSPOT_TOKEN')
  },
  resources: [
    {
      name: 'contacts',
      primaryKey: 'id',
      writeDisposition: 'merge',
      endpoint: {
        path: 'crm/v3/objects/contacts/search',
        method: 'POST',
        json: {
          filterGroups: [{ filters: [{ propertyName: 'email', operator: 'HAS_PROPERTY' }] }],
          sorts: [{ propertyName: 'createdate', direction: 'ASCENDING' }],
          properties: ['email', 'createdate'],
          limit: 200,
        },
        // The cursor of each answer goes into the body of the next request.
        paginator: { type: 'cursor', cursorPath: 'paging.next.after', cursorBodyPath: 'after' },
        dataSelector: 'results',
      },
    },
  ],
})

await inFolder(async (folder) => {
  await run(hubspot, lake(folder))
  await expectRows(folder, 'contacts', api.contacts)
})
await api.close()
