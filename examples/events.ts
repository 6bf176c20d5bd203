import { env, type RestConfig } from 'millrace'

/** The same as events.json, with completion on every key. */
export const config: RestConfig = {
  client: {
    baseUrl: process.env['EVENTS_API_URL'] ?? 'http://127.0.0.1:8787',
    auth: { type: 'api_key', name: 'api_key', apiKey: env('EVENTS_API_KEY'), location: 'query' },
  },
  resourceDefaults: { primaryKey: 'id', writeDisposition: 'merge' },
  resources: [
    {
      name: 'events',
      endpoint: {
        path: '/v1/events',
        dataSelector: 'data',
        paginator: { type: 'offset', limit: 100 },
        params: { updated_since: '{incremental.start_value}' },
        incremental: { cursorPath: 'updated_at', initialValue: '2026-01-01T00:00:00Z' },
      },
    },
  ],
}
