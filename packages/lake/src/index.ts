export type { LakeVersion } from './delta/read-history.ts'
export { defaultSegmentBytes, defaultSegmentRows, type LakeOptions, lake } from './lake.ts'
export {
  type Lake,
  type LakeFile,
  type LakeState,
  type LakeTable,
  openLake,
  type TableOptions,
} from './open-lake.ts'
export { diskStore } from './store/disk-store.ts'
export type { ListOptions, ObjectEntry, ObjectStore } from './store/object-store.ts'
