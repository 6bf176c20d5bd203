import { startDemoApi } from './api.ts'

/** Serves the demo API until interrupted: `node .build/examples/demo/serve.js [port]`. */
const port = Number(process.argv[2] ?? 8787)
const api = await startDemoApi({ port, apiKey: process.env['EVENTS_API_KEY'] ?? 'demo-key' })
console.log(`demo API on ${api.url}/v1/events?api_key=…  (stop with Ctrl+C)`)
