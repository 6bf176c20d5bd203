import { z } from 'zod'
import type { IncrementalConfig } from '../incremental-config.ts'
import type { IncrementalParam } from '../legacy-params.ts'
import { code, type Fields, name, selector } from './fields.ts'

const cursorScalar = z.union([z.string(), z.number()], { error: 'expected text or a number' })

const fields = {
  cursorPath: selector,
  cursorFrom: z.enum(['row', 'body', 'server_clock']).exactOptional(),
  initialValue: cursorScalar.exactOptional(),
  endValue: cursorScalar.exactOptional(),
  startParam: name.exactOptional(),
  endParam: name.exactOptional(),
  lastValueFunc: z.union([z.enum(['max', 'min']), code()]).exactOptional(),
  primaryKey: z.union([name, z.array(name)]).exactOptional(),
  rowOrder: z.enum(['asc', 'desc']).exactOptional(),
  onCursorValueMissing: z.enum(['raise', 'include', 'exclude']).exactOptional(),
  lag: z.number().min(0).exactOptional(),
  rangeStart: z.enum(['open', 'closed']).exactOptional(),
  rangeEnd: z.enum(['open', 'closed']).exactOptional(),
  convert: code<(value: never) => unknown>().exactOptional(),
  step: z.number().positive().exactOptional(),
  perParent: z.boolean().exactOptional(),
} satisfies Fields<IncrementalConfig>

export const incremental: z.ZodObject = z.strictObject(fields)

const { startParam: _start, endParam: _end, ...ofParam } = fields
/** dlt's older form, among the parameters. */
export const incrementalParam: z.ZodObject = z.strictObject({
  type: z.literal('incremental'),
  ...ofParam,
  transform: fields.convert,
} satisfies Fields<IncrementalParam>)
