const oneEntity = /(^|\/)\{resources\.[^{}]+\}\/?$/

/**
 * Whether a path leads to one thing of a parent (`posts/{resources.posts.id}`): the whole answer is then one row, whatever
 * lists it holds, and there is no second page.
 *
 * Only where the last segment is the placeholder and nothing else. `{incremental.…}` names no entity, nor does a
 * placeholder in the query of the path.
 */
export function namesOneEntity(path: string): boolean {
  const [pathname = ''] = path.split(/[?#]/, 1)
  return oneEntity.test(pathname)
}
