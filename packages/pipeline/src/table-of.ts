import { namingOf } from '@millrace/arrow'
import type { TableRef } from './destination.ts'
import { mergeRules } from './merge-rules.ts'
import { schemaDigest } from './schema-digest.ts'
import type { Mode, Stream } from './source.ts'

/** A stream as a destination sees it in a run of this mode. */
export function tableOf(stream: Stream, mode: Mode): TableRef {
  const { name, table = name, disposition, primaryKey = [], partitionBy, configuration = '', schema } = stream
  const merge = mergeRules(stream)
  const rename = namingOf(schema?.names ?? 'keep')
  return {
    stream: name,
    table,
    disposition,
    primaryKey: primaryKey.map(rename),
    ...(merge && { merge }),
    ...(partitionBy && { partitionBy: partitionBy.map(rename) }),
    mode,
    configuration: configuration + schemaDigest(schema),
  }
}
