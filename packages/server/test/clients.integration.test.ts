import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiBench, openBench } from './fixtures/api-bench.ts';
import { ClientBench } from './fixtures/client-bench.ts';
import { behaviourRows, executeRows, workerRows } from './fixtures/client-rows.ts';

let bench: ApiBench;
let client: ClientBench;
beforeAll(async () => {
  bench = await openBench();
  client = new ClientBench(bench);
});
afterAll(() => bench.end());

it.each([...executeRows, ...behaviourRows, ...workerRows])(
  '%s: %s',
  async (_section, _says, play, expected) => {
    expect(await play(client)).toEqual(expected);
  },
);
