import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RoundResult } from './measure-round.ts';
import { orderOf, quantile, ratiosOf, spreadOf, summarize } from './summary.ts';

function round(workflowsPerSecond: number): RoundResult {
  const usage = { scripts: 1, commands: 2, bytesIn: 3, bytesOut: 4, cpuUs: 5 };
  return {
    workflowsPerSecond,
    tasksPerSecond: 5 * workflowsPerSecond,
    idleMs: [3, 1, 2],
    perTask: { ...usage, jobs: 1, serviceCpuUs: 6, clientCpuUs: 7 },
    bytesPerPending: 8,
    bytesPerFinished: 9,
    verifiedCount: 10,
  };
}

describe('a summary', () => {
  it('has the median, which no outlier moves, and says how far the rounds were apart', () => {
    const summary = summarize([round(100), round(1), round(120), round(110), round(9_000)]);
    expect(summary['workflowsPerSecond']).toEqual({ median: 110, min: 1, max: 9_000 });
    expect(summary['idleP50Ms']).toEqual({ median: 2, min: 2, max: 2 });
  });

  it('takes the middle between the two middle ones', () => {
    expect(spreadOf([4, 1, 3, 2]).median).toBe(2.5);
  });

  it('finds for every part a sample that this part does not exceed', () => {
    const samples = fc.array(fc.integer(), { minLength: 1 });
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (values, part) => {
        const found = quantile(values, part);
        expect(values).toContain(found);
        const below = values.filter((value) => value <= found).length;
        expect(below).toBeGreaterThanOrEqual(Math.ceil(part * values.length));
      }),
    );
    expect(quantile([5, 1, 4, 2, 3], 0.99)).toBe(5);
  });
});

describe('ratios', () => {
  const bullmq = { 'bullmq-flow': summarize([round(400)]), 'bullmq-hand': summarize([round(800)]) };

  it('compare a chain with the hand-written one, a fork with the flow', () => {
    const joinery = summarize([round(200)]);
    const results = { W1: { joinery, ...bullmq }, W2: { joinery, ...bullmq } };
    expect(ratiosOf(results)).toEqual({
      ratios: { W1: 0.25, W2: 0.5 },
      flowRatios: { W1: 0.5, W2: 0.5 },
    });
  });

  it('leave out what was not measured', () => {
    expect(ratiosOf({ W2: bullmq })).toEqual({ ratios: {}, flowRatios: {} });
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
