import { type Command, type RunId } from '@joinery/core';
import { type BugView } from './seeded-bug.ts';

/** A decision as if it had been made on what is stored now. */
export function unguarded<
  Args extends {
    readonly runId: RunId;
    readonly commands: readonly Command[];
    readonly decision: number;
    readonly nonce: string;
    readonly fence: number;
  },
>(view: BugView, args: Args): Args {
  const run = view.peek(args.runId);
  if (run === null) return args;
  const { decision, nonce, fence } = run.record;
  const commands = args.commands.map((command): Command => {
    if (command.type !== 'put-task') return command;
    const { rev = 0, token = '' } = run.tasks[command.row.key] ?? {};
    return { ...command, presumes: rev, presumesToken: token };
  });
  return { ...args, commands, decision, nonce, fence: Math.max(args.fence, fence + 1) };
}
