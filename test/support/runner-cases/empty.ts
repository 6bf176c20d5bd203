import { suite } from 'uvu'

const it = suite('empty')
it.run()
