import type { Field } from 'apache-arrow'

/** @see Apache Arrow, "Canonical Extension Types", JSON */
const extensionKey = 'ARROW:extension:name'

/** What the metadata of a text field says where the text is JSON: all its values are written as JSON then, strings too. */
export const jsonMetadata: ReadonlyMap<string, string> = new Map([[extensionKey, 'arrow.json']])

export function isJsonColumn(field: Field): boolean {
  return field.metadata.get(extensionKey) === jsonMetadata.get(extensionKey)
}
