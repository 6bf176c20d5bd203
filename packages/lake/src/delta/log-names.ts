/** The folder of a table that holds its log. */
export const logFolder = '_delta_log'

/** Delta Lake protocol, "Delta Log Entries": the version in 20 digits. Relative to the table's folder. */
export function commitName(version: number): string {
  return `${logFolder}/${versionDigits(version)}.json`
}

/** What the names of all files of a version begin with. Names of later versions come later in alphabetical order. */
export function versionDigits(version: number): string {
  return String(version).padStart(20, '0')
}

/** The version whose commit a file of the log is; undefined for other files. */
export function commitVersionOf(name: string): number | undefined {
  const [, digits] = /^(\d{20})\.json$/.exec(name) ?? []
  return digits === undefined ? undefined : Number.parseInt(digits, 10)
}
