import { MillraceError } from '@millrace/core'

/** Arrow counts the bytes of a text or binary column with signed 32 bits. */
export const maxColumnBytes = 2_147_483_647

/** @throws {MillraceError} `E_BATCH_TOO_LARGE` */
export function checkColumnBytes(bytes: number): void {
  if (bytes <= maxColumnBytes) return
  throw new MillraceError(
    'E_BATCH_TOO_LARGE',
    `a text column of one batch holds more than ${maxColumnBytes} bytes: convert fewer rows at a time`,
  )
}
