import type { ScriptLanguage } from '@joinery/core';
import { afterAll, describe, expect, it } from 'vitest';
import { hostileScripts } from '../test/hostile-scripts.ts';
import { createSandbox } from './sandbox.ts';

// Long enough that a harmless script is in time on a busy machine.
const TIMEOUT_MS = 300;
const sandbox = createSandbox({ limits: { timeoutMs: TIMEOUT_MS, outputSize: 100_000 } });
afterAll(() => sandbox.close());

// The promise is the time limit and 100 ms; ten times that finds a hang.
const HANG_MS = 10 * (TIMEOUT_MS + 100);

const fresh = {
  script: '[typeof polluted, ({}).polluted, [1].map((x) => x), JSON.stringify($), ({}).value]',
  yields: ['undefined', null, [1], '{"list":[1]}', null],
};

describe('hostile scripts', () => {
  // With the hostile expressions and conditions of the core, more than 300.
  it('are 190 and more', () => {
    expect(Object.values(hostileScripts).flat().length).toBeGreaterThanOrEqual(190);
  });

  describe.each(Object.entries(hostileScripts))('%s', (_, scripts) => {
    it.each(scripts.map((each) => [each.script.slice(0, 100), each] as const))(
      '%s',
      async (_name, { script, language = 'javascript', yields }) => {
        // A thread that the script before has ended is replaced here, and not on this one's time.
        await run(fresh.script);
        const since = performance.now();
        const outcome = await run(script, language);
        const tookMs = performance.now() - since;
        const came = outcome.ok ? outcome.value : { failed: outcome.reason !== '' };
        expect(came).toEqual(yields === undefined ? { failed: true } : yields);
        expect(tookMs).toBeLessThan(HANG_MS);
        expect(await run(fresh.script)).toEqual({ ok: true, value: fresh.yields });
      },
    );
  });

  it('leave the event loop alone', async () => {
    await run(fresh.script);
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 5);
    await run('while (true);');
    clearInterval(ticking);
    // Some 20 fit into the time; a blocked loop lets none through.
    expect(ticks).toBeGreaterThan(2);
  });

  it('leave the memory of the process alone', () => {
    const megabytes = process.memoryUsage().rss / 1024 / 1024;
    expect(megabytes).toBeLessThan(1_500);
  });
});

function run(script: string, language: ScriptLanguage = 'javascript') {
  return sandbox.evaluate({ id: 'x', language, script, input: { list: [1] } });
}
