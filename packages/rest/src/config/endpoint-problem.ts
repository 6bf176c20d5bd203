import type { ConfigPath } from './respell.ts'

/** What makes no sense about an endpoint that is made of a resource and the defaults. */
export class EndpointProblem extends RangeError {
  /** Counted from the endpoint. */
  readonly at: ConfigPath

  constructor(at: ConfigPath, message: string) {
    super(message)
    this.at = at
  }
}
