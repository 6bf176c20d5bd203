export { type ApiKeyOptions, apiKey, defaultKeyName } from './api-key.ts'
export { type BasicOptions, basic } from './basic.ts'
export { bearer } from './bearer.ts'
