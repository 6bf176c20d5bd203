import { MillraceError } from '@millrace/core'

/** Another run of the pipeline has taken over. Nothing of this one was lost: what it staged is the other's now. */
export class FencedError extends MillraceError {
  constructor(pipeline: string, what: string) {
    super('E_FENCED', `${what} by another run of pipeline "${pipeline}"; run again to go on from what it committed`, {
      context: { pipeline },
    })
  }
}
