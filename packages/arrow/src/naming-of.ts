import { snakeCase } from './snake-case.ts'

/** How columns are named: as the API names them, or as dlt does. */
export type Names = 'keep' | 'snake_case'

/** The function from a key to the name of its column. */
export function namingOf(names: Names): (key: string) => string {
  return names === 'keep' ? (key) => key : snakeCase
}
