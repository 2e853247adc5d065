import { describe, expect, it } from 'vitest';
import { type MetricName } from './metrics.ts';
import { type Summary } from './summary.ts';
import { defaultSettings } from './sweep-settings.ts';
import { renderTargets } from './targets.ts';

function summaryOf(figures: Partial<Record<MetricName, number>>): Summary {
  const metrics = Object.entries(figures).map(([name, median]) => {
    return [name, { median, min: median, max: median }] as const;
  });
  return { settings: defaultSettings('joinery'), metrics: Object.fromEntries(metrics) };
}

function rowOf(text: string, name: string): string {
  return text.split('\n').find((line) => line.startsWith(`| ${name}`)) ?? '';
}

describe('the table of targets', () => {
  const results = {
    W1: {
      joinery: summaryOf({ workflowsPerSecond: 900, redisCpuUsPerTask: 90, idleP50Ms: 4 }),
      'bullmq-hand': summaryOf({ workflowsPerSecond: 500 }),
      'bullmq-flow': summaryOf({ idleP50Ms: 3 }),
    },
    W3: { joinery: summaryOf({ idleP50Ms: 200 }) },
    rawJob: { 'bullmq-raw': summaryOf({ redisCpuUsPerTask: 100 }) },
  };

  it('says of each target whether it is met, and what bounds it when it is not', () => {
    const text = renderTargets(results, { wideMs: { '10000': 2_300 } });
    expect(rowOf(text, 'W1 ÷ hand-written chain')).toMatch(/≥ 1\.5 \| 1\.8 \| met \|$/);
    expect(rowOf(text, 'W1: Redis CPU per task')).toMatch(/≤ 1 \| 0\.9 \| met \|$/);
    expect(rowOf(text, 'W1: idle latency p50')).toMatch(/≤ 1 \| 1\.33 \| missed: .{10}/);
    expect(rowOf(text, 'W3: time of 10,000 branches')).toMatch(/≤ 11 \| 11\.5 \| missed: .{10}/);
  });

  it('says so where nothing was measured', () => {
    const text = renderTargets(results, {});
    expect(rowOf(text, 'W2 ÷ FlowProducer')).toMatch(/≥ 1 \| not measured \|  \|$/);
    expect(rowOf(text, 'starts/s in bulk')).toMatch(/≥ 5,000 \| not measured \|  \|$/);
  });
});
