/** The part of parquetjs-lite that a contender uses. The package has no types. */
declare module 'parquetjs-lite' {
  namespace parquet {
    interface FieldDefinition {
      readonly type: string
      readonly optional?: boolean
      readonly compression?: string
    }
    interface ParquetWriter {
      appendRow(row: object): Promise<void>
      close(): Promise<void>
    }
    class ParquetSchema {
      constructor(definition: Record<string, FieldDefinition>)
    }
    const ParquetWriter: { openFile(schema: ParquetSchema, path: string): Promise<ParquetWriter> }
  }
  export = parquet
}
