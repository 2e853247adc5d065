import { describe, expect, it } from 'vitest';
import { type RoundResult } from './measure-round.ts';
import { comparisonOf, headOf, orderOf, type Results, type Summary, summarize } from './summary.ts';
import { defaultSettings } from './sweep-settings.ts';

function round(workflowsPerSecond: number, cpuUs = 5): RoundResult {
  const usage = { scripts: 1, commands: 2, roundTrips: 2, bytesIn: 3, bytesOut: 4, cpuUs };
  return {
    workflowsPerSecond,
    tasksPerSecond: 5 * workflowsPerSecond,
    idleMs: [1000 / workflowsPerSecond],
    loadedMs: [],
    startsMs: [],
    successionsMs: [],
    perTask: { ...usage, jobs: 1, serviceCpuUs: 6, clientCpuUs: 7 },
    scriptTimes: { p99Us: 80, slowestStoreUs: 0, slowStoreCount: 0 },
    bytesPerPending: 8,
    bytesPerFinished: 9,
    rssBytes: { client: 1, service: 2, redis: 3 },
    warningCount: 0,
    verifiedCount: 10,
  };
}

const settings = defaultSettings('joinery');
const at = (workflowsPerSecond: number, cpuUs?: number): Summary =>
  summarize(settings, [round(workflowsPerSecond, cpuUs)]);

describe('a summary', () => {
  it('has each metric over all rounds, and none that was not measured', () => {
    const { metrics } = summarize(settings, [round(100), round(1), round(120)]);
    expect(metrics.workflowsPerSecond).toEqual({ median: 100, min: 1, max: 120 });
    expect(metrics.redisCpuUsPerTask?.median).toBe(5);
    expect(Object.keys(metrics)).not.toContain('loadedP50Ms');
  });
});

describe('the comparison', () => {
  const results: Results = {
    W1: {
      joinery: at(200, 150),
      'joinery-no-continuation': at(100),
      'bullmq-flow': at(400),
      'bullmq-hand': at(800),
    },
    W2: { joinery: at(200, 180), 'bullmq-flow': at(400) },
    // One workflow of Joinery takes 500 ms, of BullMQ 250 ms.
    W3: { joinery: at(2), 'bullmq-flow': at(4) },
    rawJob: { 'bullmq-raw': at(4_000, 142) },
  };

  it('puts chains beside the hand-written one, forks beside the flow, and the time of a wide fork upside down', () => {
    const { ratios } = comparisonOf({ ...results, W4: { joinery: at(90), 'bullmq-flow': at(90) } });
    expect(ratios).toEqual({ W1: 0.25, W1NoContinuation: 0.125, W2: 0.5, W3: 0.5, W4: 1 });
  });

  it('has Redis’ work per task of Joinery, and of one raw job', () => {
    const expected = { W1: 150, W2: 180, W3: 5, rawJob: 142 };
    expect(comparisonOf(results).redisCpuPerTask).toEqual(expected);
  });

  it('leaves out what was not measured', () => {
    const only = { W2: { 'bullmq-flow': at(400) } };
    expect(comparisonOf(only)).toEqual({ ratios: {}, redisCpuPerTask: {} });
  });
});

describe('the order of subjects', () => {
  it('is swapped from round to round, so that none always has the warmer machine', () => {
    const orders = [0, 1, 2].map((each) => orderOf(each, ['joinery', 'bullmq-flow']));
    expect(orders).toEqual([
      ['joinery', 'bullmq-flow'],
      ['bullmq-flow', 'joinery'],
      ['joinery', 'bullmq-flow'],
    ]);
  });
});

it('heads a column with the settings that were chosen', () => {
  const chosen = { concurrency: 10, workerProcesses: 2, removeOnComplete: true };
  expect(headOf('bullmq-flow', chosen)).toBe('bullmq-flow (2 × 10, jobs removed)');
  expect(headOf('joinery', chosen)).toBe('joinery (2 × 10)');
});
