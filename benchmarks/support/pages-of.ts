/** The rows in pages of a size, as an API sends them. */
export function pagesOf<T>(rows: readonly T[], rowsPerPage: number): T[][] {
  return Array.from({ length: Math.ceil(rows.length / rowsPerPage) }, (_, page) =>
    rows.slice(page * rowsPerPage, (page + 1) * rowsPerPage),
  )
}
