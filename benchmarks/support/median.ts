/** The middle of the numbers in order; of an even count, the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  if (numbers.length === 0) throw new RangeError('median: there are no numbers')
  const sorted = [...numbers].sort((a, b) => a - b)
  const [low = 0, high = low] = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1)
  return (low + high) / 2
}
