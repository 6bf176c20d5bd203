import { suite } from 'uvu'

const it = suite('never settles')
it('waits for ever', () => new Promise(() => {}))
it.run()
