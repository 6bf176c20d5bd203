/** The number of two digits at a place, or -1 where one of them is none. Written out, since times are made of these. */
export function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  // Beyond the end of the text a code is NaN, which is not between 0 and 9 either.
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

/** The number written at `from` to `to`, or -1 where another character than a digit is among them. */
export function digitsAt(text: string, from: number, to: number): number {
  let number = 0
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48
    // NaN beyond the end.
    if (!(digit >= 0 && digit <= 9)) return -1
    number = number * 10 + digit
  }
  return number
}

/** Microseconds of a fraction that starts after the point at `from` and ends before `to`: one to six digits, else -1. */
export function fractionMicros(text: string, from: number, to: number): number {
  const count = to - from
  if (count < 1 || count > 6) return -1
  const number = digitsAt(text, from, to)
  return number < 0 ? -1 : number * (powers[6 - count] as number)
}

const powers = [1, 10, 100, 1_000, 10_000, 100_000]

/** Where the digits that begin at `from` end. */
export function digitsEnd(text: string, from: number): number {
  let end = from
  while (digitsAt(text, end, end + 1) >= 0) end += 1
  return end
}
