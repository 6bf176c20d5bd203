import { suite } from 'uvu'

const it = suite('unhandled')
it('passes while a rejection is on its way', async () => {
  void Promise.reject(new Error('nobody listens'))
  await new Promise((resolve) => setImmediate(resolve))
})
it.run()
