/**
 * What happens to something that a table does not have yet: it is added (`evolve`), it ends the run (`freeze`), the row it
 * is in is left out (`discardRow`), or it alone is (`discardValue`).
 */
export type SchemaMode = 'evolve' | 'freeze' | 'discardRow' | 'discardValue'

/** {@link SchemaMode} for each thing that may be new. */
export interface SchemaModes {
  /** A table. Default `evolve`. */
  readonly tables?: SchemaMode
  /** A column of a table that exists. Default `evolve`. */
  readonly columns?: SchemaMode
  /** A value that does not fit its column. Default `evolve`: it goes to a column beside it. */
  readonly dataType?: SchemaMode
}

/** One mode for all, or one for each. */
export type SchemaContract = SchemaMode | SchemaModes

/** A contract with every mode written out. */
export function readContract(contract: SchemaContract = 'evolve'): Required<SchemaModes> {
  if (typeof contract === 'string') return { tables: contract, columns: contract, dataType: contract }
  const { tables = 'evolve', columns = 'evolve', dataType = 'evolve' } = contract
  return { tables, columns, dataType }
}
