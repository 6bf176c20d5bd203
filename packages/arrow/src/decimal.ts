/** A number as JSON writes it: sign, digits, fraction, exponent. A leading `+` or zeros are taken too. */
const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/

/**
 * The value times 10^scale, or undefined where it is no number, or not exact with that many digits.
 *
 * A `number` counts as the shortest decimal that reads back as it, which is what JSON shows of it.
 */
export function parseDecimal(value: unknown, precision: number, scale: number): bigint | undefined {
  if (typeof value === 'bigint') return within(value * 10n ** BigInt(scale), precision)
  if (typeof value !== 'number' && typeof value !== 'string') return undefined
  const match = pattern.exec(String(value))
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const digits = whole + fraction
  if (digits === '') return undefined
  const shift = scale - fraction.length + Number(exponent)
  const unscaled = BigInt(digits)
  if (unscaled === 0n) return 0n
  // Far more zeros than a decimal has digits: too large, or nothing but a fraction, and slow to find out by arithmetic.
  if (Math.abs(shift) > digits.length + 80) return undefined
  const power = 10n ** BigInt(Math.abs(shift))
  if (shift < 0 && unscaled % power !== 0n) return undefined
  const scaled = shift < 0 ? unscaled / power : unscaled * power
  return within(sign === '-' ? -scaled : scaled, precision)
}

function within(scaled: bigint, precision: number): bigint | undefined {
  const limit = 10n ** BigInt(precision)
  return scaled < limit && scaled > -limit ? scaled : undefined
}

/** All digits after the point, as many as the scale says: `12.50`. */
export function formatDecimal(scaled: bigint, scale: number): string {
  const negative = scaled < 0n
  const digits = String(negative ? -scaled : scaled).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return `${negative ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`
}
