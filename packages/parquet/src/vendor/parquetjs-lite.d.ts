/** The part of parquetjs-lite that is used here. The package has no types; every throw of it may be a string. */
declare module 'parquetjs-lite' {
  namespace parquet {
    interface FieldDefinition {
      readonly type: string
      readonly optional: boolean
      readonly compression: 'UNCOMPRESSED' | 'GZIP' | 'SNAPPY'
      readonly statistics: boolean
    }

    interface ParquetField {
      readonly name: string
      originalType?: string
    }

    interface ParquetSchema {
      readonly fields: Record<string, ParquetField>
      /** What the file's columns and their order are taken from. */
      fieldList: ParquetField[]
    }

    interface ParquetWriter {
      setMetadata(key: string, value: string): void
      appendRow(row: object): Promise<void>
      close(): Promise<void>
    }

    interface Output {
      write(bytes: Uint8Array, done: () => void): void
      end(done: () => void): void
    }

    interface WriterOptions {
      readonly rowGroupSize: number
      readonly pageIndex: boolean
      readonly useDataPageV2: boolean
    }

    const ParquetSchema: new (definition: Record<string, FieldDefinition>) => ParquetSchema
    const ParquetWriter: {
      openStream(schema: ParquetSchema, output: Output, options: WriterOptions): Promise<ParquetWriter>
    }
  }
  export = parquet
}

declare module 'parquetjs-lite/lib/types.js' {
  namespace types {
    interface LogicalType {
      readonly primitiveType: string
      readonly originalType: string
      readonly toPrimitive: (value: unknown) => unknown
    }

    const PARQUET_LOGICAL_TYPES: Record<string, LogicalType>
  }
  export = types
}
