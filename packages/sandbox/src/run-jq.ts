import { type Jq, loadJq } from 'jq-wasm';
import { REASON_LIMIT } from './sandbox-limits.ts';
import type { ThreadReply, ThreadRequest } from './thread-message.ts';

export { loadJq };

/** Runs a jq filter; the output is the list of all that it yields. jq sees no files and no environment of ours. */
export function runJq(jq: Jq, { script, input, limits }: ThreadRequest): ThreadReply {
  let result: ReturnType<Jq['raw']>;
  try {
    // A text is handed to jq as it is: it must not be taken for options.
    result = jq.raw(input, script, ['-c']);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: cut(`ran out of memory or crashed: ${problem}`), isSpent: true };
  }
  const { stdout, stderr, exitCode } = result;
  if (exitCode !== 0)
    return { ok: false, reason: cut(stderr || `jq ended with ${exitCode}`), isSpent: false };
  if (stdout.length > limits.outputSize) {
    const reason = `yields more than ${limits.outputSize} characters`;
    return { ok: false, reason, isSpent: true };
  }
  const values = stdout.split('\n').filter((line) => line !== '');
  return { ok: true, output: `[${values.join(',')}]` };
}

function cut(reason: string): string {
  return reason.slice(0, REASON_LIMIT);
}
