import { Secret } from '@millrace/core'
import { valueAt } from '@millrace/paginate'
import { z } from 'zod'
import { parseTemplate } from '../../request/template.ts'
import { compileSelector } from '../../select/selector.ts'

/**
 * The fields of an object of the configuration. `satisfies Fields<T>` makes the compiler compare every object of the
 * schema with its interface, in both directions.
 */
export type Fields<T> = Record<keyof T, z.ZodType>

export const name: z.ZodString = z.string().min(1)
export const seconds: z.ZodNumber = z.number().positive()
/** For a timer: from a millisecond to the 2^31 of them that Node can count, which are 24 days. */
export const timerSeconds: z.ZodNumber = z.number().min(0.001).max(2_147_483)
export const wholeFrom = (least: number): z.ZodNumber => z.number().int().min(least)

export const secretValue: z.ZodType<string | Secret> = z.union([z.string(), z.instanceof(Secret)], {
  error: 'expected text, secret(…) or env(…)',
})

/** Text that has to make sense to `parse`; what `parse` throws is the problem. */
export const parsed = (parse: (text: string) => unknown): z.ZodString =>
  z.string().superRefine((text, context) => {
    try {
      parse(text)
    } catch (thrown) {
      context.addIssue((thrown as Error).message)
    }
  })

export const template: z.ZodString = parsed(parseTemplate)
export const selector: z.ZodString = parsed(compileSelector).min(1)
/** A path to one value of an answer. */
export const valuePath: z.ZodString = parsed((text) => valueAt(undefined, text))

export const httpUrl: z.ZodString = z.string().refine((text) => URL.canParse(text) && /^https?:/i.test(text), {
  error: 'expected a URL that starts with http:// or https://',
})

/** A function of the user's. Files cannot hold one. */
export const code = <T extends (...args: never[]) => unknown>(what = 'a function'): z.ZodType<T> =>
  z.custom<T>((value) => typeof value === 'function', { error: `expected ${what}` })

/** An object of ours with certain methods, made in code: it is taken as it is. */
export const madeInCode = <T>(methods: readonly string[], what: string): z.ZodType<T> =>
  z.custom<T>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function'),
    { error: `expected ${what}` },
  )
