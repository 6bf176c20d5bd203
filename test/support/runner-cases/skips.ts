import { suite } from 'uvu'

const it = suite('skips')
it('passes', () => {})
it.skip('is skipped', () => {})
it.run()
