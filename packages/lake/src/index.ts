export type { LakeVersion } from './delta/read-history.ts'
export { defaultSegmentBytes, defaultSegmentRows, type LakeOptions, lake } from './lake.ts'
export type { Finding, Problem } from './maintenance/finding.ts'
export type { SkippedTable } from './maintenance/for-each-table.ts'
export {
  defaultTargetBytes,
  type LakeOptimization,
  type OptimizeOptions,
  optimizeLake,
  type TableOptimization,
} from './maintenance/optimize-lake.ts'
export type { RetentionOptions } from './maintenance/retention.ts'
export {
  type LakeVacuum,
  leastOrphanHours,
  type TableVacuum,
  type VacuumOptions,
  vacuumLake,
} from './maintenance/vacuum-lake.ts'
export {
  type LakeVerification,
  type TableVerification,
  type VerifyOptions,
  type VerifyProgress,
  verifyLake,
} from './maintenance/verify-lake.ts'
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
