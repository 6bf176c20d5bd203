/** Whether tests that are chance or sheer number do all of their rounds (`npm run test:soak`), and not a share of them. */
export const isSoak: boolean = process.env['SOAK'] === '1'
