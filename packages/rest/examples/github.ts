import { lake } from '@millrace/lake'
import { run } from '@millrace/pipeline'
import { restSource } from '@millrace/rest'
import { expectRows } from './local/expect-rows.ts'
import { startGithub } from './local/github.ts'
import { inFolder } from './local/in-folder.ts'

const api = await startGithub()

const github = restSource({
  client: {
    baseUrl: api.url, // https://api.github.com
    headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
    auth: { type: 'bearer', token: api.token }, // env('GITHUB_TOKEN')
    paginator: 'header_link', // Link: <https://api.github.com/…&page=2>; rel="next"
  },
  resources: [
    {
      name: 'issues',
      primaryKey: 'id',
      writeDisposition: 'merge',
      endpoint: {
        path: 'repos/octo-org/mill/issues',
        params: { state: 'all', sort: 'updated', direction: 'asc', per_page: 100, since: '{incremental.start_value}' },
        incremental: { cursorPath: 'updated_at' },
      },
    },
  ],
})

await inFolder(async (folder) => {
  await run(github, lake(folder))
  await expectRows(folder, 'issues', api.issues)

  // The second run asks for what was updated since, and merges it by id.
  api.addIssue()
  await run(github, lake(folder))
  await expectRows(folder, 'issues', api.issues)
})
await api.close()
