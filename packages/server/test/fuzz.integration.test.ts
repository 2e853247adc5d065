import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiBench, openBench } from './fixtures/api-bench.ts';
import { fuzz } from './fixtures/fuzz.ts';

let bench: ApiBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.end());

it('answers 800 malformed requests, none of them by an error of its own', async () => {
  const { statuses, wrong } = await fuzz(bench, { count: 800, seed: 20_241 });
  expect(wrong).toEqual([]);
  // Requests that are all refused at the door prove nothing.
  expect(statuses['200']).toBeGreaterThan(40);
  expect(statuses['400']).toBeGreaterThan(40);
  expect(statuses['404']).toBeGreaterThan(40);
  expect((await bench.call('GET', '/health')).status).toBe(200);
});
