import { lake } from '@millrace/lake'
import { run } from '@millrace/pipeline'
import { restSource } from '@millrace/rest'
import { expectRows } from './local/expect-rows.ts'
import { startForum } from './local/forum.ts'
import { inFolder } from './local/in-folder.ts'

const api = await startForum()

// #region config
const forum = restSource({
  client: { baseUrl: api.url, paginator: { type: 'page_number', basePage: 1, totalPath: 'pages' } },
  resourceDefaults: { primaryKey: 'id', writeDisposition: 'merge', endpoint: { dataSelector: 'data' } },
  resources: [
    // Read, because its children need it, and not loaded.
    { name: 'boards', selected: false },
    {
      name: 'topics',
      endpoint: {
        path: 'boards/{resources.boards.id}/topics',
        // A board that is closed has no topics for us.
        responseActions: [{ statusCode: 403, content: 'closed', action: 'ignore' }],
      },
      includeFromParent: ['name'], // as _boards_name
      processingSteps: [{ filter: (topic) => topic['hidden'] !== true }],
    },
    {
      name: 'posts',
      endpoint: 'topics/{resources.topics.id}/posts',
      parallelized: true, // five topics at once; the rows keep their order
    },
  ],
})
// #endregion

await inFolder(async (folder) => {
  await run(forum, lake(folder))
  await expectRows(folder, 'topics', api.topics)
  await expectRows(folder, 'posts', api.posts)
})
if (api.boardRequests() !== 2) throw new Error(`the pages of boards were fetched ${api.boardRequests()} times`)
await api.close()
