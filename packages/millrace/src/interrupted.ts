/** 128 + the number of the signal, as shells report it. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const

/** The reason of the abort signal when a person or a supervisor stopped the process. */
export class Interrupted extends Error {
  readonly exitCode: number

  constructor(signal: keyof typeof exitCodes) {
    super(`stopped by ${signal}; what was staged is kept, the same command goes on from there`)
    this.name = 'Interrupted'
    this.exitCode = exitCodes[signal]
  }
}
