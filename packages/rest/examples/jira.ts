import { lake } from '@millrace/lake'
import { run } from '@millrace/pipeline'
import { restSource } from '@millrace/rest'
import { expectRows } from './local/expect-rows.ts'
import { inFolder } from './local/in-folder.ts'
import { startJira } from './local/jira.ts'

const api = await startJira()

// Jira Data Center. The Cloud's /rest/api/3/search/jql pages by a cursor: { type: 'cursor', cursorPath: 'nextPageToken',
// cursorBodyPath: 'nextPageToken' }.
const jira = restSource({
  client: {
    baseUrl: `${api.url}/rest/api/2`, // https://jira.example.com/rest/api/2
    auth: { type: 'http_basic', username: api.user, password: api.password }, // env('JIRA_USER'), env('JIRA_PASSWORD')
  },
  resources: [
    {
      name: 'issues',
      primaryKey: 'id',
      writeDisposition: 'merge',
      endpoint: {
        path: 'search',
        method: 'POST',
        json: { jql: 'project = MILL ORDER BY key', fields: ['summary', 'updated'] },
        // Jira answers with fewer than asked for where it has a limit of its own: startAt moves on by what came.
        paginator: { type: 'offset', limit: 1000, offsetBodyPath: 'startAt', limitBodyPath: 'maxResults' },
        dataSelector: 'issues',
      },
    },
  ],
})

await inFolder(async (folder) => {
  await run(jira, lake(folder))
  await expectRows(folder, 'issues', api.issues)
})
await api.close()
