import type { PagingSettings } from '../from-settings.ts'

/** What an answer gives away about how its API pages. Plain JSON. */
export interface Detected {
  /** The paginator. */
  readonly settings: PagingSettings
  /** What in the answer says so, for people. */
  readonly reason: string
  /** Where answers repeat the number that they were asked for, and by which query parameter. */
  readonly echo?: { readonly path: string; readonly param: string }
  /** Where answers say how many rows there are in all. */
  readonly rowsPath?: string
}
