/** A date or timestamp of ISO 8601, taken apart so that another one can be written in the same notation. */
export interface Timestamp {
  /** Whole seconds since 1970, UTC. */
  readonly seconds: number
  /** Digits after the point, as written. */
  readonly fraction: string
  readonly notation: Notation
}

interface Notation {
  readonly isDate: boolean
  /** `T`, or a space. */
  readonly separator: string
  readonly hasSeconds: boolean
  readonly point: string
  /** As written, with the space before it where there is one; empty where there is none, which means UTC. */
  readonly zone: string
  readonly offsetSeconds: number
}

const iso =
  /^(\d{4}-\d{2}-\d{2})(?:([T ])(\d{2}:\d{2})(?::(\d{2})(?:([.,])(\d+))?)?(\s*(?:Z|[+-]\d{2}(?::?\d{2})?))?)?$/i

/** Undefined for text that is neither a date nor a timestamp. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = iso.exec(text)
  if (!match) return undefined
  const [, date, separator, minutes = '00:00', seconds, point = '.', fraction = '', zone = ''] = match
  const ms = Date.parse(`${date}T${minutes}:${seconds ?? '00'}Z`)
  if (Number.isNaN(ms)) return undefined
  const offsetSeconds = offsetOf(zone)
  return {
    seconds: ms / 1000 - offsetSeconds,
    fraction,
    notation: {
      isDate: separator === undefined,
      separator: separator ?? 'T',
      hasSeconds: seconds !== undefined,
      point,
      zone,
      offsetSeconds,
    },
  }
}

/** Undefined beyond the years 0 to 9999, which the notation cannot say. */
export function formatTimestamp({ seconds, fraction, notation }: Timestamp): string | undefined {
  const { isDate, separator, hasSeconds, point, zone, offsetSeconds } = notation
  const local = new Date((seconds + offsetSeconds) * 1000)
  const year = local.getUTCFullYear()
  if (!(year >= 0 && year <= 9999)) return undefined
  const written = local.toISOString()
  if (isDate) return written.slice(0, 10)
  const needsSeconds = hasSeconds || fraction !== '' || written.slice(17, 19) !== '00'
  const time = written.slice(11, needsSeconds ? 19 : 16)
  return `${written.slice(0, 10)}${separator}${time}${fraction === '' ? '' : `${point}${fraction}`}${zone}`
}

function offsetOf(zone: string): number {
  const [, sign, hours, minutes = '00'] = /([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? []
  if (sign === undefined) return 0
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60)
}
