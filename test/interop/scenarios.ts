import type { Scenario } from './scenario.ts'
import { loads } from './scenarios/loads.ts'
import { mergeRules } from './scenarios/merge-rules.ts'
import { partitions } from './scenarios/partitions.ts'
import { upkeep } from './scenarios/upkeep.ts'
import { values } from './scenarios/values.ts'

/** Every lake of the tests, by what is special about it. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  ...loads,
  ...values,
  ...mergeRules,
  ...upkeep,
  ...partitions,
}
