import { Bool, type DataType, Field, Int32, Int64, List, Map_, Schema, Struct, Utf8 } from 'apache-arrow'

/**
 * The columns of a checkpoint: a struct for each kind of action, of which one has a value in each row.
 *
 * @see Delta Lake protocol, "Checkpoint Schema"
 */
export const checkpointSchema: Schema = new Schema([
  struct('protocol', [column('minReaderVersion', new Int32()), column('minWriterVersion', new Int32())]),
  struct('metaData', [
    text('id'),
    text('name'),
    text('description'),
    struct('format', [text('provider'), map('options')]),
    text('schemaString'),
    column('partitionColumns', new List(text('element'))),
    long('createdTime'),
    map('configuration'),
  ]),
  struct('txn', [text('appId'), long('version'), long('lastUpdated')]),
  struct('remove', [
    text('path'),
    long('deletionTimestamp'),
    flag('dataChange'),
    flag('extendedFileMetadata'),
    map('partitionValues'),
    long('size'),
  ]),
  struct('add', [
    text('path'),
    map('partitionValues'),
    long('size'),
    long('modificationTime'),
    flag('dataChange'),
    text('stats'),
    map('tags'),
  ]),
])

function column(name: string, type: DataType): Field {
  return new Field(name, type, true)
}

function struct(name: string, fields: Field[]): Field {
  return column(name, new Struct(fields))
}

function text(name: string): Field {
  return column(name, new Utf8())
}

function long(name: string): Field {
  return column(name, new Int64())
}

function flag(name: string): Field {
  return column(name, new Bool())
}

function map(name: string): Field {
  const entry = new Struct<{ key: Utf8; value: Utf8 }>([new Field('key', new Utf8(), false), text('value')])
  return column(name, new Map_(new Field('key_value', entry, false)))
}
