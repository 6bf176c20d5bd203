/** The folder of a table that holds its log. */
export const logFolder = '_delta_log'

/** Delta Lake protocol, "Delta Log Entries": the version in 20 digits. Relative to the table's folder. */
export function commitName(version: number): string {
  return `${logFolder}/${versionDigits(version)}.json`
}

/** Delta Lake protocol, "Classic checkpoint". Relative to the table's folder. */
export function checkpointName(version: number): string {
  return `${logFolder}/${versionDigits(version)}.checkpoint.parquet`
}

/** Delta Lake protocol, "Last Checkpoint File". Relative to the table's folder. */
export const lastCheckpointName: string = `${logFolder}/_last_checkpoint`

/** What the names of all files of a version begin with. Names of later versions come later in alphabetical order. */
export function versionDigits(version: number): string {
  return String(version).padStart(20, '0')
}

/** Whether a file of the log belongs to a version. What a writer has left that died before it gave it its name does not. */
export function isOfVersion(name: string): boolean {
  return /^\d{20}\./.test(name) && !name.includes('.tmp-')
}
