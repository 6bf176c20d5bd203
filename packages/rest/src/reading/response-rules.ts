import type { JsonValue } from '@millrace/core'
import type { JudgedAnswer, Verdict } from '@millrace/http'
import type { ResponseAction, ResponseActionConfig, ResponseFunction, ResponseRule } from '../config/response-rule.ts'
import { compileSelector } from '../select/selector.ts'

/** What the rules of an endpoint say: a verdict for the client, or that the pages end here (`end`). */
export type Ruling = Verdict | 'end'

/** Decides about an answer; undefined leaves it to the usual handling. */
export type Judge = (answer: JudgedAnswer) => Ruling | undefined

/** One judge for all rules of an endpoint. The first that holds and says something decides. */
export function createJudge(rules: readonly ResponseActionConfig[]): Judge {
  const judges = rules.map((rule) => (typeof rule === 'function' ? judgeOfFunctions([rule]) : judgeOfRule(rule)))
  return (answer) => {
    for (const judge of judges) {
      const verdict = judge(answer)
      if (verdict !== undefined) return verdict
    }
    return undefined
  }
}

function judgeOfRule({ statusCode, content, jsonPath, action }: ResponseRule): Judge {
  const status = statusCode === undefined ? undefined : Number(statusCode)
  const selector = jsonPath === undefined ? undefined : compileSelector(jsonPath)
  const act = typeof action === 'string' ? (): ResponseAction => action : judgeOfFunctions([action].flat())
  return (answer) => {
    if (status !== undefined && answer.status !== status) return undefined
    if (content !== undefined && !answer.text.includes(content)) return undefined
    if (selector && !finds(selector.select(answer.body)?.values)) return undefined
    return act(answer)
  }
}

/** A path that leads to nothing but null and false finds nothing. */
function finds(values: readonly unknown[] = []): boolean {
  return values.some((value) => value !== null && value !== false)
}

/** Functions in order: each sees the body as the one before it left it, and the first that gives an action decides. */
function judgeOfFunctions(functions: readonly ResponseFunction[]): Judge {
  return (answer) => {
    const { status, headers, url } = answer
    let { body } = answer
    let replaced: { readonly body: JsonValue } | undefined
    for (const fn of functions) {
      const said = fn({ status, headers, body, url })
      if (typeof said === 'string') return said
      if (said) {
        if (!('body' in said))
          throw new TypeError('a response function must give an action, { body } or nothing, at once')
        replaced = { body: said.body }
        body = said.body
      }
    }
    return replaced
  }
}
