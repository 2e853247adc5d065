import { type HistoryEvent, runIdOf, taskKeyOf } from '@joinery/core';
import { expect, test } from 'vitest';
import { countMarks, type MarkSources } from './chaos-marks.ts';

const runId = runIdOf(0, 'marked00');
const key = taskKeyOf('a');
const nothing: MarkSources = { evidence: [], commits: [], calls: [], ledger: [] };

function withEvents(...events: readonly HistoryEvent[]): MarkSources {
  const history = events.map((event, index) => ({ version: index + 1, at: 0, actor: 'p', event }));
  return { ...nothing, evidence: [{ runId, run: null, rows: [], history, values: new Map() }] };
}

test.each([
  ['attempt redelivered', withEvents({ type: 'task.redelivered', key, attempt: 1, why: '' })],
  ['repair found', withEvents({ type: 'repair.found', kind: 'wrong-count', key: 'a' })],
  ['job lost and found missing', withEvents({ type: 'repair.found', kind: 'lost-job', key: 'a' })],
  ['commit refused', { ...nothing, commits: [{ reply: 'committed' }, { reply: 'refused' }] }],
  ['commit repeated', { ...nothing, commits: [{ reply: 'repeated' }] }],
  [
    'start without an answer',
    { ...nothing, calls: [{ idempotencyKey: 'k', runId: null, outcome: 'info' }] },
  ],
  [
    'attempt executed twice',
    {
      ...nothing,
      ledger: ['1', '2'].map((token) => {
        return { what: 'begin', taskId: 't', attempt: 1, token, pid: 1 } as const;
      }),
    },
  ],
] as const satisfies readonly (readonly [string, MarkSources])[])(
  'counts “%s” once, and never where nothing happened',
  (mark, sources) => {
    expect(countMarks(sources)[mark]).toBe(1);
    expect(countMarks(nothing)[mark]).toBe(0);
  },
);
