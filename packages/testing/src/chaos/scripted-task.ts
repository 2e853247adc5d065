import { defineTask, RetryableError, type Task, TerminalError } from '@joinery/worker';
import { outcomeScript } from '../definitions/outcome-script.ts';
import { type Ledger } from '../ledger.ts';
import { SCRIPTED_TASK } from '../workloads/workload.ts';
import { ledgerKeyOf } from './step-task.ts';

/** What comes of every attempt of every scripted task: three in ten fail, some for good. */
export const SCRIPT = outcomeScript(11, { failed: 24, hopeless: 6, silent: 0 });

/** The handler behind tasks whose outcome a model computes too. */
export function scriptedTask(ledger: Ledger): Task {
  return defineTask({
    type: SCRIPTED_TASK,
    run: (_input, ctx) => {
      const key = ledgerKeyOf(ctx);
      ledger.begin(key);
      const { status, output } = SCRIPT(ctx.taskRef, ctx.attempt);
      ledger.end(key);
      if (status === 'COMPLETED') return output;
      if (status === 'FAILED') throw new RetryableError({ output });
      throw new TerminalError('as the script says', { output });
    },
  });
}
