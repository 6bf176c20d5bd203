import { suite } from 'uvu'

const first = suite('first')
first('passes', () => {})
first.run()

const second = suite('second')
second('never runs', () => {})
