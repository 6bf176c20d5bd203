import { suite } from 'uvu'

const it = suite('forgotten')
it('never runs', () => {})
