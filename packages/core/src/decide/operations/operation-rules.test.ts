import { taskKeyOf, type Operation } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { fork, operator, simple, startFlow, type Flow } from '../../../test/flow.ts';
import { OPERATION_RULES, type RunPhase } from '../transitions.ts';

const WORKFLOW = { timeoutSeconds: 60, timeoutPolicy: 'TIME_OUT_WF' };

/** A run with a task that a worker has, one that waits for a person, and one that is still to come. */
const begun = (): Flow =>
  startFlow([...fork('f', [[simple('a')], [operator('HUMAN', 'h')]], ['a', 'h']), simple('z')], {
    workflow: WORKFLOW,
  });

const PHASES: Readonly<Record<Exclude<RunPhase, 'NONE'>, () => Flow>> = {
  RUNNING: begun,
  PAUSED: () => operated('pause'),
  CLOSING: () => {
    const flow = begun().store('a', 'FAILED');
    flow.decideOnce();
    return flow;
  },
  COMPLETED: () => begun().finish('a').finish('h').finish('z'),
  FAILED: () => begun().fail('a'),
  TIMED_OUT: () => begun().pass(60_000),
  TERMINATED: () => operated('terminate'),
};

function operated(type: 'pause' | 'terminate'): Flow {
  const flow = begun();
  flow.operate(type);
  return flow;
}

const reason = 'because';
const OPERATIONS: Readonly<Record<(typeof OPERATION_RULES)[number]['on'], Operation>> = {
  skip: { type: 'skip', task: 'z', reason },
  'set-variables': { type: 'set-variables', variables: { n: 1 }, reason },
  'update-task': { type: 'update-task', key: taskKeyOf('h'), attempt: 1, output: {}, reason },
  retry: { type: 'retry', reason },
  restart: { type: 'restart', reason },
  rerun: { type: 'rerun', key: taskKeyOf('a'), reason },
};

const cells = OPERATION_RULES.flatMap((rule) =>
  Object.entries(PHASES).map(([phase, make]) => ({ rule, phase, make, on: rule.on })),
);

describe('the table of operations', () => {
  it.each(cells)('$on of a run that is $phase', ({ rule, phase, make }) => {
    const flow = make();
    const status = flow.status;
    const version = flow.model.history.length;
    const refused = flow.begin(OPERATIONS[rule.on]);
    const isLegal = rule.from.some((each) => each === phase);
    expect(refused === null).toBe(isLegal);
    expect(flow.status).toBe(isLegal && rule.to === 'RUNNING' ? 'RUNNING' : status);
    // Who, when and why stands in the history, or nothing has happened.
    const told = flow.model.history.slice(version).filter((event) => 'reason' in event);
    expect(told.map((event) => ('reason' in event ? event.reason : ''))).toEqual(
      isLegal ? [reason] : [],
    );
  });

  it('has a row for every operation, and names each once', () => {
    const names = OPERATION_RULES.map(({ on }) => on);
    expect(names.toSorted()).toEqual(Object.keys(OPERATIONS).toSorted());
  });
});
