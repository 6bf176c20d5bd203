import { suite } from 'uvu'

const it = suite('fine')
it('passes', () => {})
it.run()
