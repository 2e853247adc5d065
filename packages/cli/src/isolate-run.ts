import { settlesWithin } from '@joinery/kit';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** An evaluation that takes longer is a loop without an end. */
const EVALUATION_LIMIT_MS = 60_000;

/**
 * Decides one run in a process of its own: its evaluation has ended a process like this one before. However that process
 * ends, this one goes on; what it could not decide is counted against the run by the store.
 */
export async function isolateRun(runId: string): Promise<void> {
  const [, script = ''] = process.argv;
  const args = [...process.execArgv, script, 'decide', runId];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  // Also when it cannot be started at all.
  const ended = Promise.race([once(child, 'exit'), once(child, 'error')]);
  if (await settlesWithin(ended, EVALUATION_LIMIT_MS)) return;
  child.kill('SIGKILL');
  await ended;
}
