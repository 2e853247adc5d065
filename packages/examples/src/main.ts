/** `node dist/main.js [--serve]`: the main job, as `npm start` runs it. */
import { isJoineryError } from '@joinery/core';
import { exitCodes, readConfig } from '@joinery/kit';
import { parseArgs } from 'node:util';
import { runMainJob } from './main-job.ts';

/** What a page of text takes where the output is no terminal. */
const DEFAULT_WIDTH = 110;

const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    ending.abort();
  });
}
// By exit, and not by running dry: a connection that was cut while it waited keeps its socket's timer for 15 s.
process.exit(await main());

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { serve: { type: 'boolean', default: false } } });
  const { stdout } = process;
  const screen = {
    write: (text: string) => void stdout.write(text),
    isTty: stdout.isTTY,
    width: stdout.columns ?? DEFAULT_WIDTH,
  };
  try {
    return await runMainJob({
      config: readConfig(),
      cwd: process.cwd(),
      screen,
      isServing: values.serve,
      signal: ending.signal,
    });
  } catch (error) {
    return ending.signal.aborted ? exitCodes.forcedBySigint : failed(error);
  }
}

/** Says in a line what a person can mend; throws what is a fault of ours. */
function failed(error: unknown): number {
  const { stderr } = process;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    stderr.write(`${error.message}; PORT=0 npm start -- --serve takes a free port\n`);
    return exitCodes.failed;
  }
  if (!isJoineryError(error)) throw error;
  stderr.write(`${error.message}\n`);
  return error.code === 'JN_CONFIG_INVALID' ? exitCodes.config : exitCodes.failed;
}
