import { Field, Utf8 } from 'apache-arrow'

const extensionName = 'ARROW:extension:name'

/** A column of JSON text, and known for one by all that reads Arrow. @see Arrow canonical extension types, "JSON" */
export function jsonField(name: string, nullable: boolean): Field {
  return new Field(name, new Utf8(), nullable, new Map([[extensionName, 'arrow.json']]))
}

/** Whether a column is one of JSON text, and not of any text. */
export function isJsonField(field: Field): boolean {
  return field.metadata.get(extensionName) === 'arrow.json'
}
