import { suite } from 'uvu'

const it = suite('string')
it('throws no Error', () => {
  throw 'a plain string'
})
it('never runs', () => {})
it.run()
