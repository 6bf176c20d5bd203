import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toArrow } from '@millrace/arrow'
import { pipe } from '@millrace/core'
import { createWorkerEncoder, writeParquet, writeParquetFolder } from '@millrace/parquet'

async function* readings(sensor: string) {
  for (let page = 0; page < 5; page++) {
    yield Array.from({ length: 100 }, (_, i) => ({ sensor, at: page * 100 + i }))
  }
}

const folder = await mkdtemp(join(tmpdir(), 'folder-'))
// One thread for all files. Without it, each call starts and ends one of its own.
const encoder = createWorkerEncoder()
try {
  const { files } = await pipe(
    readings('a'),
    toArrow(),
    writeParquetFolder(join(folder, 'a'), { encoder, fileRows: 200, onFile: ({ path }) => console.log(path) }),
  )
  const rows = files.map((file) => file.rows)
  if (rows.join() !== '200,200,100') throw new Error(`files of ${rows.join()} rows`)

  await pipe(readings('b'), toArrow(), writeParquet(join(folder, 'b.parquet'), { encoder }))
} finally {
  await encoder.close()
  await rm(folder, { recursive: true })
}
