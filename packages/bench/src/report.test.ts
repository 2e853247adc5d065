import { describe, expect, it } from 'vitest';
import { renderPeers, renderResults, renderScriptCosts } from './report.ts';

describe('the report', () => {
  it('has a table per measured workload, with the median and the spread of each subject', () => {
    const spread = { median: 1234.5, min: 0.12345, max: 20_000 };
    const settings = { concurrency: 50, workerProcesses: 1, removeOnComplete: false };
    const summary = { settings, metrics: { tasksPerSecond: spread } };
    const text = renderResults({ W2: { 'bullmq-flow': summary } });
    expect(text).toContain('| W2 | bullmq-flow (1 × 50, jobs kept) |\n| --- | --- |\n');
    expect(text).toContain('| tasks/s | 1,235 (0.123 – 20,000) |');
    expect(text).not.toContain('W1');
    expect(text).not.toContain('latency');
  });

  it('shows what a script costs beside the commands that it runs', () => {
    const commands = [{ name: 'hset', calls: 3, us: 4.5 }];
    const cost = { method: 'claim', calls: 50, cpuUs: 110, scriptUs: 100, luaUs: 80, commands };
    const text = renderScriptCosts('W1', 10, [cost]);
    expect(text).toContain('| claim | 5 | 110 | 100 | 80 | 3 | hset 3× 4.5 |');
  });
});

it('shows peers that were measured, and says why another was not', () => {
  const figure = { workflowsPerSecond: 112, idleP50Ms: 17.3, checkedCount: 343 };
  const text = renderPeers({
    figures: [{ peer: 'restate, steps', workload: 'W1', ...figure }],
    absent: [{ peer: 'another', problem: 'npm has no network' }],
  });
  expect(text).toContain('| restate, steps | W1 | 112 | 17.3 | 343 |\n');
  expect(text).toContain('Not measured: another: npm has no network\n');
  expect(renderPeers({ figures: [], absent: [] })).toBe('');
});
