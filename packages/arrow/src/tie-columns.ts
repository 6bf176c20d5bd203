/** The row's own id. */
export const idColumn = '_dlt_id'

/** The id of the row that the list stood in. */
export const parentIdColumn = '_dlt_parent_id'

/** The place in the list, from 0. */
export const indexColumn = '_dlt_list_idx'

/** The id of the row of the root table. */
export const rootIdColumn = '_dlt_root_id'
