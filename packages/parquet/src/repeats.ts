import { type Data, DataType } from 'apache-arrow'

/** Values looked at. Enough to tell a status from an id; a column that changes its nature later costs some bytes. */
export const sampleValues = 1_000

/** Each value that many times on average: a dictionary then costs less to make, and less to store, than the values. */
const leastRepeats = 10

/** Too few to tell anything by. */
const leastSample = 50

/**
 * Whether a column has few values that come again and again, judged by the first of them. What cannot be told, because
 * there are too few values or because it is a struct or a list, counts as repeating, which is what Parquet assumes.
 */
export function repeats(data: Data): boolean {
  const length = Math.min(data.length, sampleValues)
  const values = new Set<unknown>()
  const valueAt = reader(data)
  if (valueAt === undefined) return true
  let seen = 0
  for (let i = 0; i < length; i++) {
    if (!data.getValid(i)) continue
    seen += 1
    values.add(valueAt(i))
  }
  return seen < leastSample || values.size * leastRepeats <= seen
}

function reader(data: Data): ((index: number) => unknown) | undefined {
  const { type, values } = data
  if (DataType.isUtf8(type) || DataType.isBinary(type)) {
    const offsets = data.valueOffsets as Int32Array
    // As text of any encoding: only whether two are the same matters.
    const decoder = new TextDecoder('latin1')
    return (index) => decoder.decode((values as Uint8Array).subarray(offsets[index], offsets[index + 1]))
  }
  if (DataType.isInt(type) || DataType.isFloat(type) || DataType.isTimestamp(type) || DataType.isDate(type)) {
    return (index) => (values as Float64Array)[index]
  }
  return undefined
}
