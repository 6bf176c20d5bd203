/** An object as a listing has it. */
export interface ObjectEntry {
  /** Within the folder that was listed. */
  readonly name: string
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
}

export interface ListOptions {
  /** Only names that begin with this. Default: all. */
  readonly prefix?: string
  /** Only names that come after this one, which need not be there. */
  readonly after?: string
  /** Most entries to give, the first ones. Default: all. */
  readonly limit?: number
}

/**
 * Where a lake keeps its objects: a folder of a disk, or what an object store has below a prefix.
 *
 * Names are relative, with `/` between their parts on every system. What creates, does so whole and durably: nobody sees
 * half of an object, and what has resolved survives a power cut. Nothing is changed in place but by {@link put}.
 *
 * @see Amazon S3 API, "PutObject" with `If-None-Match: *`, which is what {@link putIfAbsent} asks of an object store
 */
export interface ObjectStore {
  /** What a person would call it, for messages and reports: a path, or an address. */
  readonly location: string
  /** The part of it below a folder, which need not be there. */
  within(folder: string): ObjectStore
  /** A whole object; undefined where there is none. */
  get(name: string): Promise<Uint8Array | undefined>
  /**
   * An object in pieces, for those too large to hold.
   *
   * Shape:  AsyncIterable<Uint8Array>
   * Order:  that of the bytes.
   * Memory: one piece, of 64 KiB or what the store sends.
   * Pulls:  lazy. On early exit closes the object.
   *
   * @throws {MillraceError} `E_STORAGE`, where there is no such object too.
   */
  read(name: string): AsyncIterable<Uint8Array>
  /** Creates an object, or leaves everything as it is and returns false where there is one of that name. */
  putIfAbsent(name: string, bytes: Uint8Array): Promise<boolean>
  /** Creates an object, or puts it in the place of the one that is there, in one step. */
  put(name: string, bytes: Uint8Array): Promise<void>
  /**
   * Takes in a finished file of the local disk, which is gone from there afterwards. False where the name is taken; the
   * file then stays where it is.
   */
  publish(localPath: string, name: string): Promise<boolean>
  /** The objects of a folder, without those of folders in it, by name in alphabetical order. None where there is no folder. */
  list(folder: string, options?: ListOptions): Promise<readonly ObjectEntry[]>
  /** Names of the folders in a folder, in alphabetical order. None where there is no folder. */
  folders(folder: string): Promise<readonly string[]>
  /** Removes an object, if there is one. */
  delete(name: string): Promise<void>
  /** How a library that reads by itself finds an object: an absolute path, or a URL. */
  locate(name: string): string
}
