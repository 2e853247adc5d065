import {
  decide,
  type Command,
  type DecideInput,
  type DecideResult,
  type TaskRow,
} from '@joinery/core';
import { type SeededBug } from './seeded-bug.ts';

/** Mistakes of the decider. */
export const decideBugs: readonly SeededBug[] = [
  decideBug(
    {
      name: 'join-counts-running-branches',
      what: 'a join takes a branch that has been claimed for one that is over',
    },
    (input) => decide({ ...input, slice: withRunningOver(input.slice) }),
  ),
  decideBug(
    {
      name: 'successor-not-scheduled',
      what: 'the task after a join is forgotten',
    },
    (input) =>
      withCommands(decide(input), (commands) => {
        const hasFired = commands.some(isFiring);
        return hasFired ? commands.filter((command) => !isNewWorkerTask(command)) : commands;
      }),
  ),
  decideBug(
    {
      name: 'event-not-recorded',
      what: 'the firing of a join is not in the history',
    },
    (input) =>
      withCommands(decide(input), (commands) => commands.filter((command) => !isFiring(command))),
  ),
  decideBug(
    {
      name: 'retry-without-end',
      what: 'a failed attempt is tried again although none is left',
    },
    (input) =>
      decide({ ...input, plan: { ...input.plan, nodes: withMoreRetries(input.plan.nodes) } }),
  ),
  decideBug(
    {
      name: 'first-branch-ends-run',
      what: 'a run ends when its first task has ended, with others open',
    },
    (input) =>
      withCommands(decide(input), (commands) =>
        input.event.type === 'look' && !commands.some(({ type }) => type === 'patch-run')
          ? [...commands, { type: 'patch-run', patch: { status: 'COMPLETED' } }]
          : commands,
      ),
  ),
];

function decideBug(
  bug: Pick<SeededBug, 'name' | 'what'>,
  spoilt: (input: DecideInput) => DecideResult,
): SeededBug {
  return { ...bug, showsWhenHealthy: true, spoil: (ports) => ({ ...ports, decide: spoilt }) };
}

function withCommands(
  result: DecideResult,
  change: (commands: readonly Command[]) => readonly Command[],
): DecideResult {
  if (result.type !== 'decision') return result;
  const { decision } = result;
  return { ...result, decision: { ...decision, commands: change(decision.commands) } };
}

function withRunningOver(slice: DecideInput['slice']): DecideInput['slice'] {
  const rows = [...slice.rows].map(([key, row]) => [key, row && overIfRunning(row)] as const);
  return { ...slice, rows: new Map(rows) };
}

function overIfRunning(row: TaskRow): TaskRow {
  const isRunning = row.type === 'SIMPLE' && row.status === 'IN_PROGRESS';
  return isRunning ? { ...row, status: 'COMPLETED', isSettled: true } : row;
}

function isFiring(command: Command): boolean {
  return command.type === 'record' && command.event.type === 'join.fired';
}

function isNewWorkerTask(command: Command): boolean {
  if (command.type === 'send') return true;
  return command.type === 'put-task' && command.isFresh && command.row.dispatch > 0;
}

function withMoreRetries(nodes: DecideInput['plan']['nodes']): DecideInput['plan']['nodes'] {
  return new Map(
    [...nodes].map(([ref, node]) => {
      const retryCount = (node.task.retryCount ?? 0) + 1;
      return [ref, { ...node, task: { ...node.task, retryCount } }] as const;
    }),
  );
}
