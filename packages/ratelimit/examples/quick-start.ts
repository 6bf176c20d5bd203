import { createLimiter } from '@millrace/ratelimit'

const limiter = createLimiter({ requests: 100, perSeconds: 1, maxConcurrency: 2 })
let running = 0
let most = 0

async function call(id: number): Promise<number> {
  running += 1
  most = Math.max(most, running)
  await new Promise((done) => setTimeout(done, 15))
  running -= 1
  return id
}

const answers = await Promise.all([1, 2, 3, 4].map((id) => limiter.run(() => call(id))))

console.log(`${answers.length} calls, at most ${most} at one time`)
if (answers.length !== 4 || most > 2) throw new Error('expected four answers, two at a time')
