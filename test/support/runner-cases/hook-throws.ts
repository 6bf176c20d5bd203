import { suite } from 'uvu'

const it = suite('hook')
it.before(() => {
  throw new Error('from the hook')
})
it('never runs', () => {})
it.run()
