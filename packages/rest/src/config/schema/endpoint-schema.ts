import { z } from 'zod'
import { parseTemplate } from '../../request/template.ts'
import { compileSelector } from '../../select/selector.ts'
import type { ResolveParam } from '../legacy-params.ts'
import type { ResponseFunction, ResponseRule } from '../response-rule.ts'
import type { EndpointConfig, RetryConfig } from '../rest-config.ts'
import { auth } from './auth-schema.ts'
import { code, type Fields, name, parsed, selector, template, wholeFrom } from './fields.ts'
import { incremental, incrementalParam } from './incremental-schema.ts'
import { paginator } from './paginator-schema.ts'

export const retry: z.ZodObject = z.strictObject({
  maxRetries: wholeFrom(0).exactOptional(),
  backoffFactor: z.number().min(1).exactOptional(),
  statuses: z.array(wholeFrom(100).max(599)).exactOptional(),
  maxWait: z.number().min(0).exactOptional(),
} satisfies Fields<RetryConfig>)

const paramScalar = z.union([template, z.number(), z.boolean()])
const paramValue = z.union([template, z.number(), z.boolean(), z.null(), z.array(paramScalar)], {
  error: 'expected text, a number, true or false, null, or a list of these',
})
const resolveParam = z.strictObject({
  type: z.literal('resolve'),
  resource: name,
  field: name,
} satisfies Fields<ResolveParam>)
const param = z.union([...paramValue.options, resolveParam, incrementalParam], {
  error: 'expected text, a number, true or false, null, or a list of these',
})

/** Every text in a body may hold placeholders, its keys too. */
const body = z.json().superRefine((value, context) => {
  try {
    checkTexts(value)
  } catch (thrown) {
    context.addIssue((thrown as Error).message)
  }
})

function checkTexts(value: unknown): void {
  if (typeof value === 'string') parseTemplate(value)
  if (typeof value !== 'object' || value === null) return
  for (const [key, each] of Object.entries(value)) {
    parseTemplate(key)
    checkTexts(each)
  }
}

const form = z.union([template, z.array(z.tuple([template, paramScalar])), z.record(template, paramValue)])

const responseFunction = code<ResponseFunction>()
const responseRule = z
  .strictObject({
    statusCode: z
      .union([wholeFrom(100).max(599), parsed(checkStatus)], { error: 'expected a status from 100 to 599' })
      .exactOptional(),
    content: name.exactOptional(),
    jsonPath: parsed(compileSelector).min(1).exactOptional(),
    action: z.union([
      z.enum(['ignore', 'end', 'retry', 'fail', 'refresh_auth']),
      responseFunction,
      z.array(responseFunction).min(1),
    ]),
  } satisfies Fields<ResponseRule>)
  .superRefine(({ statusCode, content, jsonPath, action }, context) => {
    if (typeof action !== 'string' || [statusCode, content, jsonPath].some((each) => each !== undefined)) return
    context.addIssue('needs a condition, or it holds for every answer: status_code, content or json_path')
  })

function checkStatus(text: string): void {
  if (!/^[1-5]\d\d$/.test(text)) throw new RangeError('expected a status from 100 to 599')
}

export const endpoint: z.ZodObject = z.strictObject({
  path: template.exactOptional(),
  method: z.enum(['GET', 'POST']).exactOptional(),
  params: z.record(template, param).exactOptional(),
  headers: z.record(template, template).exactOptional(),
  json: body.exactOptional(),
  data: form.nullable().exactOptional(),
  idempotent: z.boolean().exactOptional(),
  auth: auth.nullable().exactOptional(),
  paginator: paginator.nullable().exactOptional(),
  dataSelector: selector.nullable().exactOptional(),
  incremental: incremental.nullable().exactOptional(),
  retry: retry.exactOptional(),
  onMissingSelector: z.enum(['fail', 'empty']).exactOptional(),
  responseActions: z.array(z.union([responseFunction, responseRule])).exactOptional(),
  responseFormat: z.enum(['json', 'ndjson', 'csv']).exactOptional(),
} satisfies Fields<EndpointConfig>)
