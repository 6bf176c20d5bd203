/**
 * What to do about data that a table has no place for: `evolve` makes one, `freeze` is an error, `discardRow` drops the row,
 * `discardValue` drops the value.
 */
export type ContractMode = 'evolve' | 'freeze' | 'discardRow' | 'discardValue'

/** One mode for everything, or one each. What is left out evolves. */
export type SchemaContract =
  | ContractMode
  | {
      /** For a table that does not exist yet. `discardValue` drops its rows too: there is nothing else of them. */
      readonly tables?: ContractMode
      /** For a column that the table does not have. */
      readonly columns?: ContractMode
      /** For a value that does not fit its column. */
      readonly dataType?: ContractMode
    }

/** A contract with every mode written out. */
export interface FullContract {
  readonly tables: ContractMode
  readonly columns: ContractMode
  readonly dataType: ContractMode
}

export function readContract(contract: SchemaContract = 'evolve'): FullContract {
  if (typeof contract === 'string') return { tables: contract, columns: contract, dataType: contract }
  const { tables = 'evolve', columns = 'evolve', dataType = 'evolve' } = contract
  return { tables, columns, dataType }
}
