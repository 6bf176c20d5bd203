import { singlePage } from '@millrace/paginate'
import { testPaginator } from '../../../test/support/test-paginator.ts'

testPaginator('singlePage', {
  paginator: singlePage(),
  answer: () => ({ rows: [{ id: 1 }, { id: 2 }] }),
  rows: [{ id: 1 }, { id: 2 }],
  pages: 1,
})
