export { createFile } from './node/create-file.ts'
export { onDisk } from './node/on-disk.ts'
export { syncFolder } from './node/sync-folder.ts'
export { type ByteTarget, writeBytes } from './node/write-bytes.ts'
