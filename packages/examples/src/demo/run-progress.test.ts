import { type HistoryEvent, taskKeyOf } from '@joinery/core';
import { expect, it } from 'vitest';
import { createProgress } from './run-progress.ts';

const key = taskKeyOf('a');
const events: readonly HistoryEvent[] = [
  { type: 'run.started', definition: 'd', version: 1 },
  { type: 'task.scheduled', key, attempt: 1, taskType: 'work', delayMs: 0 },
  { type: 'task.completed', key, attempt: 1, status: 'FAILED', token: 't', reason: 'busy' },
  { type: 'task.scheduled', key, attempt: 2, taskType: 'work', delayMs: 0 },
  { type: 'task.redelivered', key, attempt: 2, why: 'claim-ended' },
  { type: 'task.completed', key, attempt: 2, status: 'COMPLETED', token: 't', reason: '' },
  { type: 'join.fired', key: taskKeyOf('join'), status: 'COMPLETED', branches: 2 },
  { type: 'run.ended', status: 'COMPLETED', reason: '' },
];

function shown(isTty: boolean): string {
  let text = '';
  const write = (more: string): void => {
    text += more;
  };
  const progress = createProgress({ write, isTty }, () => 1_350);
  for (const [index, event] of events.entries()) {
    progress.show({ version: index + 1, at: 1_000 + 100 * index, actor: 'test', event });
  }
  progress.note('news');
  progress.end();
  return text;
}

it('progress is a line per join, failure, redelivery and end, with the time since the start', () => {
  expect(shown(false).trimEnd().split('\n')).toEqual([
    '    0.20 s  a failed: busy',
    '    0.40 s  a is handed out again (claim-ended)',
    '    0.60 s  join: 2 branches are in',
    '    0.70 s  the run has ended COMPLETED',
    '    0.35 s  news',
  ]);
});

it('on a terminal there is a bar too, which counts a retried task once and leaves nothing behind', () => {
  const text = shown(true);
  expect(text).toContain('0 of 1 tasks so far');
  expect(text).toContain('1 of 1 tasks so far');
  expect(text).not.toContain('of 2 tasks');
  expect(text.endsWith('\r\u001B[2K')).toBe(true);
});
