/** One import of a module: `import`, `export … from`, `import(…)` or `require(…)`. */
export interface Import {
  readonly specifier: string
  /** True for `import type` and `export type`, which leave nothing behind at run time. */
  readonly isType: boolean
  /** From 1. */
  readonly line: number
}

export interface ModuleShape {
  readonly imports: readonly Import[]
  /** Lines with `export *`. */
  readonly starExports: readonly number[]
  /** Lines with `export default`, `export { … as default }` or `export =`. */
  readonly defaultExports: readonly number[]
}

interface Token {
  readonly kind: 'word' | 'string' | 'mark'
  readonly text: string
  readonly line: number
}

/** After these words a slash begins a regular expression, and does not divide. */
const beforeExpression = /^(return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield|instanceof)$/

/**
 * Splits TypeScript into words, strings and marks, leaving out comments, regular expressions and the text of templates.
 *
 * A scanner and no parser: TypeScript 7 has no JavaScript API, and imports can be told from their first words.
 */
function tokens(text: string): Token[] {
  const found: Token[] = []
  let at = 0
  let line = 1

  /** Moves on to `end`, counting lines. */
  function skipTo(end: number): string {
    const passed = text.slice(at, end)
    line += passed.split('\n').length - 1
    at = end
    return passed
  }

  /** The position after the closing quote. */
  function stringEnd(quote: string): number {
    let end = at + 1
    while (end < text.length && text[end] !== quote && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1
    return end + 1
  }

  function regexEnd(): number {
    let isClass = false
    let end = at + 1
    for (; end < text.length && text[end] !== '\n'; end++) {
      if (text[end] === '\\') end++
      else if (text[end] === '[') isClass = true
      else if (text[end] === ']') isClass = false
      else if (text[end] === '/' && !isClass) return end + 1
    }
    return end
  }

  /** Reads the text of a template up to its end or the next `${`. Says which it was. */
  function skipTemplate(): 'end' | 'expression' {
    let end = at
    for (; end < text.length; end++) {
      if (text[end] === '\\') end++
      else if (text[end] === '`') {
        skipTo(end + 1)
        return 'end'
      } else if (text.startsWith('${', end)) {
        skipTo(end + 2)
        return 'expression'
      }
    }
    skipTo(end)
    return 'end'
  }

  /** Depth of braces at which each open template goes on. */
  const templates: number[] = []
  let depth = 0

  while (at < text.length) {
    const char = text[at] as string
    const startLine = line
    const word = /[\w$#@\u0080-\uffff]/.test(char)
      ? /^[\w$#@\u0080-\uffff]+/.exec(text.slice(at, at + 200))?.[0]
      : undefined
    if (/\s/.test(char)) skipTo(at + 1)
    else if (text.startsWith('//', at)) skipTo(text.indexOf('\n', at) === -1 ? text.length : text.indexOf('\n', at))
    else if (text.startsWith('/*', at))
      skipTo(text.indexOf('*/', at + 2) === -1 ? text.length : text.indexOf('*/', at + 2) + 2)
    else if (word !== undefined) found.push({ kind: 'word', text: skipTo(at + word.length), line: startLine })
    else if (char === "'" || char === '"') {
      found.push({ kind: 'string', text: skipTo(stringEnd(char)).slice(1, -1), line: startLine })
    } else if (char === '`') {
      skipTo(at + 1)
      if (skipTemplate() === 'expression') templates.push(depth++)
      else found.push({ kind: 'mark', text: '`', line: startLine })
    } else if (char === '/' && isExpressionNext(found.at(-1))) {
      skipTo(regexEnd())
      found.push({ kind: 'mark', text: '/…/', line: startLine })
    } else {
      skipTo(at + 1)
      if (char === '{') depth++
      if (char === '}') depth--
      if (char === '}' && templates.at(-1) === depth) {
        templates.pop()
        if (skipTemplate() === 'expression') templates.push(depth++)
        else found.push({ kind: 'mark', text: '`', line: startLine })
      } else found.push({ kind: 'mark', text: char, line: startLine })
    }
  }
  return found
}

function isExpressionNext(before: Token | undefined): boolean {
  if (before === undefined) return true
  if (before.kind === 'word') return beforeExpression.test(before.text)
  return before.kind === 'mark' && !/^[)\]}`]$/.test(before.text)
}

/** Reads what a TypeScript module imports, and how it exports. */
export function readImports(text: string): ModuleShape {
  const all = tokens(text)
  const imports: Import[] = []
  const starExports: number[] = []
  const defaultExports: number[] = []
  const is = (index: number, ...texts: string[]): boolean =>
    all[index]?.kind !== 'string' && texts.includes(all[index]?.text ?? '')

  for (const [index, token] of all.entries()) {
    if (token.kind !== 'word' || is(index - 1, '.')) continue
    const next = all[index + 1]
    if (token.text === 'import' || token.text === 'require') {
      const argument = all[index + 2]
      if (is(index + 1, '(') && argument?.kind === 'string') {
        imports.push({ specifier: argument.text, isType: false, line: token.line })
      } else if (token.text === 'import' && next?.kind === 'string') {
        imports.push({ specifier: next.text, isType: false, line: token.line })
      } else if (token.text === 'import' && !is(index + 1, '(', '.')) {
        addFrom(index + 1)
      }
    } else if (token.text === 'export') {
      const start = is(index + 1, 'type') ? index + 2 : index + 1
      if (is(start, '*')) {
        starExports.push(token.line)
        addFrom(index + 1)
      } else if (is(start, '{')) {
        const close = all.findIndex((_, at) => at > start && is(at, '}'))
        if (all.slice(start, close).some((_, at) => is(start + at, 'as') && is(start + at + 1, 'default'))) {
          defaultExports.push(token.line)
        }
        if (is(close + 1, 'from')) addFrom(index + 1)
      } else if (is(start, 'default', '=')) defaultExports.push(token.line)
    }
  }
  return { imports, starExports, defaultExports }

  /** The clause from here on ends with `from '…'`, or with `= require('…')`, which is found by itself. */
  function addFrom(start: number): void {
    // `import type from './x.ts'` imports a value by the name of `type`.
    const isType = is(start, 'type') && !(is(start + 1, 'from') && all[start + 2]?.kind === 'string')
    for (let at = start; at < all.length && !is(at, ';', '='); at++) {
      const source = all[at + 1]
      if (is(at, 'from') && source?.kind === 'string') {
        imports.push({ specifier: source.text, isType, line: (all[start] as Token).line })
        return
      }
    }
  }
}
