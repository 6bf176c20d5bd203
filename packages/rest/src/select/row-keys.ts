/**
 * What APIs call the list of rows, in small letters. dlt's names, and those of GraphQL (`nodes`, `edges`), OData (`value`)
 * and Elasticsearch (`hits`).
 */
export const rowKeys: readonly string[] = Object.freeze([
  'data',
  'items',
  'results',
  'entries',
  'records',
  'rows',
  'entities',
  'payload',
  'content',
  'objects',
  'values',
  'nodes',
  'edges',
  'value',
  'hits',
])
