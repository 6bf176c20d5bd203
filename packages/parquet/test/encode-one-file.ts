import { createConverter } from '@millrace/arrow'
import { createWorkerEncoder } from '@millrace/parquet'

/** Encodes one file in a worker and does not close it: the process is to end all the same. */
const batch = createConverter().convert([{ id: 1 }])
let bytes = 0
for await (const piece of createWorkerEncoder().encode(batch.schema, [batch])) bytes += piece.length
console.log(bytes > 100 ? 'encoded' : `${bytes} bytes`)
