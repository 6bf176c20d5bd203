import { cli } from 'millrace'

export interface CliResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line in this process. */
export async function runCli(
  args: readonly string[],
  options: { env?: Record<string, string>; isTTY?: boolean } = {},
): Promise<CliResult> {
  let stdout = ''
  let stderr = ''
  const code = await cli(args, {
    stdout: {
      write: (text) => {
        stdout += text
      },
    },
    stderr: {
      write: (text) => {
        stderr += text
      },
      isTTY: options.isTTY ?? false,
      columns: 60,
    },
    env: options.env ?? {},
    stop: new AbortController().signal,
    signal: new AbortController().signal,
  })
  return { code, stdout, stderr }
}
