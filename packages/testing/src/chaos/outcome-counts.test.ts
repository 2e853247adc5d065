import { type RecordedEvent, runIdOf, taskKeyOf } from '@joinery/core';
import { expect, test } from 'vitest';
import { type RunEvidence } from '../history/evidence.ts';
import { countClasses, timesOf } from './outcome-counts.ts';
import { percentile } from './percentile.ts';

const runId = runIdOf(0, 'counted0');
const key = taskKeyOf('a');

function completed(version: number, at: number): RecordedEvent {
  const event = {
    type: 'task.completed',
    key,
    attempt: 1,
    status: 'COMPLETED',
    token: 't',
    reason: '',
  } as const;
  return { version, at, actor: 'p', event };
}

function evidenceOf(history: readonly RecordedEvent[]): RunEvidence {
  return { runId, run: null, rows: [], history, values: new Map() };
}

const expected = {
  status: 'COMPLETED',
  joins: new Map(),
  values: new Map(),
  maxAttempts: 1,
} as const;

test('a second success of a task is a double commit, and a run that is gone is lost', () => {
  const cases = [{ evidence: evidenceOf([completed(1, 0), completed(2, 5)]), expected }];
  const calls = [
    { idempotencyKey: 'k', runId: null, outcome: 'info' },
    { idempotencyKey: 'k', runId, outcome: 'ok' },
  ] as const;
  const { line, classes } = countClasses({ calls, attemptedCount: 2, runs: [{}] }, cases, []);
  expect(line).toEqual({ runs: 1, completed: 0, lost: 1, duplicatedCommits: 1 });
  expect(classes).toMatchObject({ attempted: 2, acknowledged: 1, recovered: 1, duplicated: 1 });
});

test('a run stands still from one event to the next, outages apart', () => {
  const evidence = [evidenceOf([completed(1, 1_000), completed(2, 1_100), completed(3, 4_100)])];
  expect(timesOf(evidence, [])).toMatchObject({
    maxStuckMs: 3_000,
    stuckBetween: `2 task.completed a and 3 task.completed a of ${runId}`,
  });
  expect(timesOf(evidence, [{ from: 1_100, until: 4_000 }]).maxStuckMs).toBe(100);
});

test('a percentile is one of the values', () => {
  const values = [4, 1, 3, 2];
  expect([0, 0.5, 0.75, 0.99, 1].map((share) => percentile(values, share))).toEqual([
    1, 2, 3, 4, 4,
  ]);
  expect(percentile([], 0.5)).toBe(0);
});
