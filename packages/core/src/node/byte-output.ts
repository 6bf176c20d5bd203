/** Where bytes go, piece by piece: a file, a stream. Every call waits until the one before is done. */
export interface ByteOutput {
  /** Resolves when there is room for more. The bytes are not to be changed before that. */
  write(bytes: Uint8Array): Promise<void>
  /** Resolves when everything is where it was to go. */
  finish(): Promise<void>
  /** Leaves nothing behind that could be taken for the whole. Never fails: the reason is what counts. */
  abandon(reason: unknown): Promise<void>
}
