import { type Command, decide, taskKeyOf } from '@joinery/core';
import { type SeededBug } from './seeded-bug.ts';

const richAndHealthy = { family: 'rich', faults: 0 } as const;

/** Mistakes of the decider in loops, retries and optional tasks. */
export const loopBugs: readonly SeededBug[] = [
  commandBug(
    {
      name: 'arrival-in-wrong-iteration',
      what: 'tasks of a second iteration arrive at the join of the first',
    },
    (command) => {
      if (command.type !== 'put-task') return command;
      const joins = Object.entries(command.row.joins).map(
        ([join, width]) => [join.replace('__2', '__1'), width] as const,
      );
      return { ...command, row: { ...command.row, joins: Object.fromEntries(joins) } };
    },
  ),
  commandBug(
    {
      name: 'iteration-keeps-old-key',
      what: 'the output of a second iteration is stored as that of the first',
    },
    (command) => {
      if (command.type !== 'put-data' || !command.field.startsWith('o:')) return command;
      const key = taskKeyOf(command.field.slice(2).replace('__2', '__1'));
      return { ...command, field: `o:${key}` };
    },
  ),
  commandBug(
    { name: 'retry-recorded-twice', what: 'an attempt is scheduled twice in one decision' },
    (command) => command,
    (commands) =>
      commands.flatMap((command) => {
        const isRetry =
          command.type === 'record' &&
          command.event.type === 'task.scheduled' &&
          command.event.attempt > 1;
        return isRetry ? [command, command] : [command];
      }),
  ),
  {
    name: 'optional-ignored',
    what: 'the failure of an optional task ends its run',
    showsWhenHealthy: true,
    drawn: { family: 'plain', faults: 0 },
    spoil: (ports) => ({
      ...ports,
      decide: (input) => {
        const nodes = new Map(
          [...input.plan.nodes].map(([ref, node]) => {
            return [ref, { ...node, task: { ...node.task, optional: false } }] as const;
          }),
        );
        return decide({ ...input, plan: { ...input.plan, nodes } });
      },
    }),
  },
];

function commandBug(
  bug: Pick<SeededBug, 'name' | 'what'>,
  change: (command: Command) => Command,
  changeAll: (commands: readonly Command[]) => readonly Command[] = (commands) => commands,
): SeededBug {
  return {
    ...bug,
    showsWhenHealthy: true,
    drawn: richAndHealthy,
    spoil: (ports) => ({
      ...ports,
      decide: (input) => {
        const result = decide(input);
        if (result.type !== 'decision') return result;
        const commands = changeAll(result.decision.commands.map(change));
        return { ...result, decision: { ...result.decision, commands } };
      },
    }),
  };
}
