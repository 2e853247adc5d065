import { startRedis } from '@joinery/testing';
import { describe, expect, it } from 'vitest';
import { measureScripts } from '../src/index.ts';

describe('measureScripts', () => {
  it('tells the store’s calls of a run apart, and what each asks of Redis', async () => {
    await using server = await startRedis();
    const costs = await measureScripts(server.url, 'W2', 5);
    const calls = Object.fromEntries(costs.map(({ method, calls: count }) => [method, count / 5]));
    expect(calls).toEqual({ start: 1, claim: 12, complete: 12, load: 3, read: 3, commit: 3 });
    const scripts = costs.filter(({ method }) => method !== 'read');
    for (const { method, scriptUs, luaUs, commands } of scripts) {
      const isWithin = luaUs > 0 && luaUs < scriptUs;
      expect({ method, isWithin }).toEqual({ method, isWithin: true });
      expect(commands.map(({ name }) => name)).toContain('hset');
    }
    // Not a script: nobody's time is told apart.
    expect(costs.find(({ method }) => method === 'read')?.scriptUs).toBe(0);
  });
});
