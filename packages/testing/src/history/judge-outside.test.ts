import {
  type RecordedEvent,
  type RunId,
  runIdOf,
  type RunState,
  taskIdOf,
  taskKeyOf,
} from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { checkHistory, type Rule } from './check-history.ts';
import { type RunEvidence } from './evidence.ts';
import { type ClientCall, judgeClients } from './judge-clients.ts';
import { judgeLeftovers, type Leftover } from './judge-leftovers.ts';
import { judgeLoss, type LossNote } from './judge-loss.ts';
import { judgeExecutions } from './judge-witnesses.ts';

const first = runIdOf(0, 'first000');
const second = runIdOf(0, 'second00');

/** The judges of what was seen from outside read no more of a run than this. */
function evidenceOf(runId: RunId, run: Partial<RunState> | null): RunEvidence {
  const whole: RunState = {
    id: runId,
    definition: 'd',
    definitionVersion: 1,
    planId: 'p',
    status: 'COMPLETED',
    reason: '',
    version: 1,
    decision: 1,
    nonce: 'n',
    fence: 1,
    dirty: 1,
    seen: 1,
    open: 0,
    seq: 1,
    isRootDone: true,
    closing: null,
    compensating: null,
    failedPermissive: [],
    resetting: null,
    retriedAt: 0,
    attempt: 1,
    priority: 0,
    correlationId: '',
    idempotencyKey: '',
    traceId: 't',
    parent: null,
    createdAt: 1,
    updatedAt: 1,
    endedAt: 1,
    lastDecidedAt: 1,
    lastActor: 'p',
    ...run,
  };
  return { runId, run: run && whole, rows: [], history: [], values: new Map() };
}

/** The rules that a judge says are broken, with the runs that broke them. */
function accused(judge: (accuse: (runId: RunId, rule: Rule) => void) => void): unknown {
  const found: unknown[] = [];
  judge((runId, rule) => found.push([rule, runId]));
  return found;
}

function ok(idempotencyKey: string, runId: RunId): ClientCall {
  return { idempotencyKey, runId, outcome: 'ok' };
}

describe('H3, the log of the clients', () => {
  const runs = [
    evidenceOf(first, { idempotencyKey: 'a' }),
    evidenceOf(second, { idempotencyKey: 'b' }),
  ];

  it('is kept by runs that are there, however often a client asked', () => {
    const unsure: ClientCall = { idempotencyKey: 'a', runId: null, outcome: 'info' };
    const calls = [unsure, ok('a', first), ok('a', first), ok('b', second)];
    expect(accused((accuse) => judgeClients(runs, calls, accuse))).toEqual([]);
  });

  it('is broken by an acknowledged run that is gone', () => {
    const gone = [evidenceOf(first, null)];
    expect(accused((accuse) => judgeClients(gone, [ok('a', first)], accuse))).toEqual([
      ['H3', first],
    ]);
    expect(accused((accuse) => judgeClients([], [ok('a', first)], accuse))).toHaveLength(1);
  });

  it('is broken by a key that was answered with two runs, and by two runs with one key', () => {
    const calls = [ok('a', first), ok('a', second)];
    expect(accused((accuse) => judgeClients(runs, calls, accuse))).toEqual([['H3', second]]);
    const twins = [
      evidenceOf(first, { idempotencyKey: 'a' }),
      evidenceOf(second, { idempotencyKey: 'a' }),
    ];
    expect(accused((accuse) => judgeClients(twins, [], accuse))).toEqual([['H3', second]]);
  });
});

function leaving(change: Partial<Leftover>, run: Partial<RunState> = {}): unknown {
  const leftover = { runId: first, isInAttention: false, letterCount: 0, lockLeftMs: 900 };
  const leftovers = [{ ...leftover, ...change }];
  return accused((accuse) =>
    judgeLeftovers([evidenceOf(first, run)], { leftovers, leaseMs: 1_000 }, accuse),
  );
}

describe('H23 and H24, what ended runs leave', () => {
  it('are kept by a run that left nothing but the lock of a dead holder', () => {
    expect(leaving({})).toEqual([]);
  });

  it('are not asked of a run that is still alive', () => {
    expect(leaving({ isInAttention: true, letterCount: 1 }, { status: 'RUNNING' })).toEqual([]);
  });

  it.each([
    ['H23', { isInAttention: true }],
    ['H23', { letterCount: 2 }],
    ['H24', { lockLeftMs: 1_001 }],
  ])('find %s broken by %o', (rule, change) => {
    expect(leaving(change)).toEqual([[rule, first]]);
  });
});

const events = [1, 2, 3].map((version): RecordedEvent => {
  return { version, at: version, actor: 'p', event: { type: 'run.paused', reason: '' } };
});

function losing(change: Partial<LossNote>): unknown {
  const epochs = { survived: 1, noted: 2 };
  const note = { runId: first, before: events, after: events.slice(0, 2), epochs };
  return accused((accuse) => judgeLoss([{ ...note, ...change }], accuse));
}

describe('H31 and H32, what survives a loss', () => {
  it('are kept by every prefix, the empty one and the whole among them', () => {
    for (const length of [0, 1, 3]) {
      expect(losing({ after: events.slice(0, length) })).toEqual([]);
    }
  });

  it('find an event that was not there before, and one that is missing in the middle', () => {
    const other = events.with(1, {
      version: 2,
      at: 9,
      actor: 'p',
      event: { type: 'run.resumed', reason: '' },
    });
    expect(losing({ after: other })).toEqual([['H31', first]]);
    expect(losing({ after: events.toSpliced(1, 1) })).toEqual([['H31', first]]);
    expect(losing({ before: events.slice(0, 1) })).toEqual([['H31', first]]);
  });

  it('find an epoch that did not grow', () => {
    expect(losing({ epochs: { survived: 2, noted: 2 } })).toEqual([['H32', first]]);
  });
});

it('a verdict is unknown where a witness was asked for and saw nothing', () => {
  const nobody = { ledger: [], commits: [], clients: null, leftovers: null, losses: null };
  expect(checkHistory([], nobody).unknowns).toEqual([
    'H3: nobody kept the log of the clients',
    'H23: nobody looked at what was left',
    'H31: nobody compared what survived',
    'there are no runs',
  ]);
});

it.each([
  ['the child', second, []],
  ['another', 't', [['H10', first]]],
] as const)('H10 of a task that a run does that %s has done', (_whose, token, breaches) => {
  const key = taskKeyOf('child');
  const told = [
    { type: 'child.requested', key, attempt: 1, runId: second },
    { type: 'task.completed', key, attempt: 1, status: 'COMPLETED', token, reason: '' },
  ] as const;
  const history = told.map((event, index) => ({ version: index + 1, at: 1, actor: 'p', event }));
  const evidence = [{ ...evidenceOf(first, {}), history }];
  const judged = accused((accuse) => judgeExecutions(evidence, { ledger: [], losses: [] }, accuse));
  expect(judged).toEqual(breaches);
});

describe('H10 after a loss', () => {
  const started = { type: 'task.started', key: taskKeyOf('a'), attempt: 1, delivery: 1 } as const;
  const before: readonly RecordedEvent[] = [
    { version: 1, at: 1, actor: 'p', event: { ...started, worker: 'w', token: 't' } },
  ];
  const taskId = taskIdOf(first, taskKeyOf('a'));
  const begin = { what: 'begin', taskId, attempt: 1, token: '1', pid: 1 } as const;
  const evidence = [evidenceOf(first, {})];

  it('knows hand-overs from before it, and that their numbers come again', () => {
    const note = { runId: first, before, after: [], epochs: { survived: 1, noted: 2 } };
    const ledger = [begin, begin];
    const judged = accused((accuse) =>
      judgeExecutions(evidence, { ledger, losses: [note] }, accuse),
    );
    expect(judged).toEqual([]);
  });

  it('is broken without a loss', () => {
    const judged = accused((accuse) =>
      judgeExecutions(evidence, { ledger: [begin], losses: [] }, accuse),
    );
    expect(judged).toEqual([['H10', first]]);
  });
});
