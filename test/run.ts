import { runFiles } from './support/run-files.ts'
import { filesBelow, readPackages } from './support/source-tree.ts'

/**
 * The strict runner: every test file in a process of its own, and no way to pass without having run.
 *
 * `uvu` alone reports success where a hook throws, where a file forgets `.run()`, and where a test throws something that
 * is no Error. Here a file fails unless it registered a suite, every registered test ran, and none was skipped.
 *
 * Usage: `node .build/test/run.js [part of a file name …]`. The last line is `N passed, N failed`.
 */
const wanted = process.argv.slice(2)
const folders = ['test', ...(await readPackages()).map(({ folder }) => `${folder}/test`)]
const files = (await Promise.all(folders.map(filesBelow)))
  .flat()
  .filter((file) => file.endsWith('.test.ts'))
  .sort()
await runFiles(files.filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part))))
