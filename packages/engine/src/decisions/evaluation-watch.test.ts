import { runIdOf } from '@joinery/core';
import { createManualTime } from '@joinery/kit';
import { describe, expect, it } from 'vitest';
import { EvaluationWatch } from './evaluation-watch.ts';

const runId = runIdOf(0, 'runrunrun');

describe('the watch over evaluations', () => {
  it('lets a first evaluation, and one after a single death, go on', () => {
    const watch = new EvaluationWatch(createManualTime());
    expect([1, 2].map((loads) => watch.judge(runId, 'n', loads))).toEqual(['go', 'go']);
  });

  it('wants it alone from the second death on, and waits before it fails after five more', async () => {
    const time = createManualTime();
    const watch = new EvaluationWatch(time);
    expect([3, 4, 5, 6, 7].map((loads) => watch.judge(runId, 'n', loads))).toEqual(
      Array.from({ length: 5 }, () => 'alone'),
    );
    expect(watch.judge(runId, 'n', 8)).toBe('wait');
    await time.advance(999);
    expect(watch.judge(runId, 'n', 8)).toBe('wait');
    await time.advance(1);
    expect(watch.judge(runId, 'n', 8)).toBe('fail');
  });

  it('does not count what this process has survived', () => {
    const watch = new EvaluationWatch(createManualTime());
    for (let count = 0; count < 20; count += 1) watch.survived(runId, 'n', true);
    expect(watch.judge(runId, 'n', 23)).toBe('alone');
    for (let count = 0; count < 20; count += 1) watch.survived(runId, 'n');
    expect(watch.judge(runId, 'n', 23)).toBe('alone');
    const another = new EvaluationWatch(createManualTime());
    for (let count = 0; count < 2; count += 1) another.survived(runId, 'n');
    expect(another.judge(runId, 'n', 3)).toBe('go');
  });

  it('begins anew with a commit, whoever made it', async () => {
    const time = createManualTime();
    const watch = new EvaluationWatch(time);
    expect(watch.judge(runId, 'n', 8)).toBe('wait');
    await time.advance(5_000);
    expect(watch.judge(runId, 'another', 8)).toBe('wait');
    watch.committed(runId);
    await time.advance(5_000);
    expect(watch.judge(runId, 'another', 8)).toBe('wait');
  });
});
