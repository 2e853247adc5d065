import { type Command } from '@joinery/core';
import { type CommitArgs } from '@joinery/store';
import { type SeededBug } from './seeded-bug.ts';
import { spoiltLook, storeBug } from './spoil-store.ts';
import { unguarded } from './unguarded.ts';

/** Mistakes in how a decision is committed. */
export const commitBugs: readonly SeededBug[] = [
  storeBug(
    {
      name: 'commit-without-guard',
      what: 'a commit is applied whatever has been committed since its load',
    },
    (store, view) => ({ commit: (args) => store.commit(unguarded(view, args)) }),
  ),
  storeBug(
    {
      name: 'dirty-cleared-unseen',
      what: 'a commit clears the dirty mark of arrivals that came after its load',
    },
    (store, view) => ({
      commit: (args) =>
        store.commit({ ...args, dirty: view.peek(args.runId)?.record.dirty ?? args.dirty }),
    }),
  ),
  storeBug(
    {
      name: 'timer-not-armed',
      what: 'timers of a decision are not written',
      showsWhenHealthy: true,
    },
    (store) => ({
      commit: (args) => store.commit(without(args, ({ type }) => type === 'arm-timer')),
    }),
  ),
  storeBug(
    { name: 'output-lost', what: 'payloads of a decision are not written', showsWhenHealthy: true },
    (store) => ({
      commit: (args) => store.commit(without(args, ({ type }) => type === 'put-data')),
    }),
  ),
  storeBug(
    {
      name: 'letter-not-posted',
      what: 'a task is scheduled without a letter in the outbox, and its job is written by the decider alone',
      showsWhenHealthy: false,
    },
    (store) => ({
      commit: (args) => store.commit(without(args, ({ type }) => type === 'send')),
      ...spoiltLook(store, () => ({ checks: [] })),
    }),
  ),
  storeBug(
    {
      name: 'join-expects-too-many',
      what: 'a join counts one branch more than it has, so that its last arrival is taken for a quiet one',
      showsWhenHealthy: true,
    },
    (store) => ({
      start: (args) => store.start({ ...args, commands: args.commands.map(wider) }),
      commit: (args) => store.commit({ ...args, commands: args.commands.map(wider) }),
    }),
  ),
  storeBug(
    {
      name: 'attempt-skipped',
      what: 'a retry is counted twice',
      showsWhenHealthy: true,
    },
    (store) => ({
      commit: (args) => store.commit({ ...args, commands: args.commands.map(countedTwice) }),
    }),
  ),
  storeBug(
    {
      name: 'open-tasks-left',
      what: 'a run ends without canceling what is open',
      showsWhenHealthy: false,
    },
    (store) => ({
      commit: (args) =>
        store.commit(
          without(
            args,
            (command) => command.type === 'put-task' && command.row.status === 'CANCELED',
          ),
        ),
    }),
  ),
];

function without(args: CommitArgs, isDropped: (command: Command) => boolean): CommitArgs {
  return { ...args, commands: args.commands.filter((command) => !isDropped(command)) };
}

function wider(command: Command): Command {
  if (command.type !== 'put-task') return command;
  const joins = Object.entries(command.row.joins).map(
    ([join, width]) => [join, width + 1] as const,
  );
  return { ...command, row: { ...command.row, joins: Object.fromEntries(joins) } };
}

function countedTwice(command: Command): Command {
  if (command.type !== 'put-task' || !command.isFresh || command.row.attempt === 1) return command;
  return { ...command, row: { ...command.row, attempt: command.row.attempt + 1 } };
}
