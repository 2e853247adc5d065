import { joineryError, type RunId, runIdOf } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import {
  coordinate,
  createTestEngine,
  runOf,
  settle,
  startFork,
  type TestEngine,
  work,
} from '../../test/fixtures/test-engine.ts';
import { decideRun } from './decide-run.ts';
import { type Engine } from '../engine.ts';
import { type DecideLock, type DecideLocks } from '../engine-ports.ts';
import { relayUnsent } from '../letters/relay-unsent.ts';

/** A fork whose branches are done, so that the run is dirty and its join is to be fired. */
async function joinableRun(test: TestEngine): Promise<RunId> {
  const { runId } = await startFork(test.engine);
  await work(test.engine, test.queue);
  return runId;
}

function grantFor(onRelease: () => Promise<void> = async () => undefined): DecideLock {
  const release = async (): Promise<boolean> => {
    await onRelease();
    return true;
  };
  return { release };
}

const missing: DecideLocks = { acquire: async () => null };
const lying: DecideLocks = { acquire: async () => grantFor() };

async function firedJoins(test: TestEngine, runId: RunId): Promise<number> {
  const history = await test.store.history(runId, 1, 1_000);
  return history.filter(({ event }) => event.type === 'join.fired').length;
}

const doNotDecide = (): never => {
  throw new Error('a mapper has a bug');
};

const unavailable = async (): Promise<never> => {
  throw joineryError('JN_REDIS_UNAVAILABLE', { address: 'x', operation: 'y', waitedMs: 1 });
};

const corrupt = async (): Promise<never> => {
  throw joineryError('JN_STORE_CORRUPT', { key: 'k', problem: 'not a row' });
};

const diesAt = (place: string): { crashPoint: (point: string) => void } => ({
  crashPoint: (point) => {
    if (point === place) throw new Error('SIGKILL');
  },
});

describe('deciding a run', () => {
  it('takes a fork through its join to its end', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    await settle(test);
    expect(await runOf(test.engine, runId)).toMatchObject({ status: 'COMPLETED', open: 0 });
    expect(await firedJoins(test, runId)).toBe(1);
    expect(await test.store.lockHolder(runId)).toBeNull();
  });

  it('finds nothing to do in a clean run, and nothing at all for an unknown one', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    expect(await decideRun(test.engine, runId)).toEqual({ type: 'clean', status: 'RUNNING' });
    expect(await decideRun(test.engine, runIdOf(0, 'unknownrun'))).toEqual({ type: 'gone' });
  });

  it('D1 a fused lock that is held postpones the decision and keeps the signal', async () => {
    const test = createTestEngine();
    const runId = await joinableRun(test);
    const lock = { token: 'another', leaseMs: 60_000, overtakeAfterMs: 1_000 };
    await test.store.load({ runId, lock, isForced: false, actor: 'another' });
    expect(await decideRun(test.engine, runId)).toEqual({ type: 'busy', retryAfterMs: 250 });
    const run = await runOf(test.engine, runId);
    expect(run.dirty).toBeGreaterThan(run.seen);
    const attention = await test.store.attention(runId);
    expect(attention?.dueAt).toBeLessThanOrEqual(test.time.now() + 500);
  });

  it('D2 a fused lock of a dead holder is overtaken', async () => {
    const test = createTestEngine();
    const runId = await joinableRun(test);
    const lock = { token: 'dead', leaseMs: 60_000, overtakeAfterMs: 1_000 };
    await test.store.load({ runId, lock, isForced: false, actor: 'dead' });
    await test.time.advance(1_001);
    expect(await decideRun(test.engine, runId)).toMatchObject({ type: 'decided', hasMore: false });
    await settle(test);
    expect((await runOf(test.engine, runId)).status).toBe('COMPLETED');
  });

  it('D2 a lock that always misses delays a run and never stops it', async () => {
    const test = createTestEngine({ locks: missing });
    const runId = await joinableRun(test);
    expect((await decideRun(test.engine, runId)).type).toBe('busy');
    await test.time.advance(999);
    expect((await decideRun(test.engine, runId)).type).toBe('busy');
    await test.time.advance(2);
    expect((await decideRun(test.engine, runId)).type).toBe('decided');
  });

  it('D2 what others have missed for long is decided by a process that has just come', async () => {
    const test = createTestEngine({ locks: missing });
    const runId = await joinableRun(test);
    await test.time.advance(1_000);
    expect((await decideRun(test.another({ locks: missing }), runId)).type).toBe('busy');
    await test.time.advance(1);
    expect((await decideRun(test.another({ locks: missing }), runId)).type).toBe('decided');
  });

  it('D2 a lock that has kept missing is not waited for again', async () => {
    const waits: number[] = [];
    const locks: DecideLocks = {
      acquire: async (_key, { timeToTryMs }) => {
        waits.push(timeToTryMs);
        return null;
      },
    };
    const test = createTestEngine({ locks });
    const runId = await joinableRun(test);
    await decideRun(test.engine, runId);
    await test.time.advance(1_001);
    await decideRun(test.engine, runId);
    expect(waits).toEqual([500, 0]);
  });

  it('D2 a due timer behind a dead lock that stands apart is not forgotten', async () => {
    const test = createTestEngine({ locks: missing });
    const { runId } = await startFork(test.engine);
    await decideRun(test.engine, runId);
    await test.time.advance(1_001);
    expect(await decideRun(test.engine, runId)).toEqual({ type: 'clean', status: 'RUNNING' });
  });

  it('D3 a signal that comes between the last commit and the release is seen', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    let isFirst = true;
    const lock = grantFor(async () => {
      if (isFirst) await work(test.engine, test.queue);
      isFirst = false;
    });
    const locks: DecideLocks = { acquire: async () => lock };
    const holder = test.another({ locks });
    expect(await decideRun(holder, runId)).toMatchObject({ type: 'decided', hasMore: true });
    expect(await decideRun(holder, runId)).toMatchObject({ type: 'decided', hasMore: false });
    expect(await firedJoins(test, runId)).toBe(1);
  });

  it('commits each step once when a lock lies to several deciders', async () => {
    const test = createTestEngine({ locks: lying });
    const runId = await joinableRun(test);
    const deciders = Array.from({ length: 8 }, () => test.another());
    await Promise.all(deciders.map((engine) => decideRun(engine, runId)));
    expect(await firedJoins(test, runId)).toBe(1);
    expect(await work(test.engine, test.queue)).toEqual(['after']);
    await coordinate(test.engine);
    expect((await runOf(test.engine, runId)).status).toBe('COMPLETED');
  });

  it('D4 a bug in the decider ends the run with the reason and the place', async () => {
    const test = createTestEngine();
    const runId = await joinableRun(test);
    const outcome = await decideRun(test.another({ decide: doNotDecide }), runId);
    expect(outcome).toEqual({ type: 'failed', reason: 'decide: Error: a mapper has a bug' });
    expect(await runOf(test.engine, runId)).toMatchObject({
      status: 'FAILED',
      reason: 'decide: Error: a mapper has a bug',
    });
    expect(test.logger.events()).toContain('run.failed');
  });

  it('D4 a run whose definition has gone is ended with the reason', async () => {
    const test = createTestEngine();
    const runId = await joinableRun(test);
    const definitions = { ...test.definitions, getPinned: async () => null };
    await decideRun(test.another({ definitions }), runId);
    expect((await runOf(test.engine, runId)).reason).toMatch(/^definition: .* is missing$/);
  });

  it.each(['load', 'read', 'commit'])(
    'D4 a store that does not answer to %s ends no run',
    async (method) => {
      const test = createTestEngine();
      const runId = await joinableRun(test);
      const engine = test.another({ store: { ...test.store, [method]: unavailable } });
      await expect(decideRun(engine, runId)).rejects.toThrow(/did not answer/);
      expect((await runOf(test.engine, runId)).status).toBe('RUNNING');
      await test.time.advance(1_001);
      await settle(test);
      expect((await runOf(test.engine, runId)).status).toBe('COMPLETED');
    },
  );

  it('D4 a record that cannot be read ends its run and not its neighbour', async () => {
    const test = createTestEngine();
    const runId = await joinableRun(test);
    const neighbour = await startFork(test.engine);
    await decideRun(test.another({ store: { ...test.store, load: corrupt } }), runId);
    expect((await runOf(test.engine, runId)).reason).toMatch(/^load: JN_STORE_CORRUPT/);
    await settle(test);
    expect((await runOf(test.engine, neighbour.runId)).status).toBe('COMPLETED');
  });

  it('D5 a commit that was overtaken is refused and decided anew', async () => {
    const test = createTestEngine({ locks: lying });
    const runId = await joinableRun(test);
    let overtaken = 0;
    const slow = test.another({
      crashPoint: async (point) => {
        if (point !== 'before-commit' || overtaken > 0) return;
        overtaken += 1;
        await decideRun(test.engine, runId);
      },
    });
    expect(await decideRun(slow, runId)).toEqual({ type: 'clean', status: 'RUNNING' });
    expect(overtaken).toBe(1);
    expect(await firedJoins(test, runId)).toBe(1);
  });
});

describe('an evaluation that ends its process', () => {
  const dies = {
    crashPoint: (point: string): void => {
      if (point === 'in-critical-section') throw new Error('SIGKILL');
    },
  };

  /** Each time another process, which takes the lock over and dies. */
  async function killDeciders(test: TestEngine, runId: RunId, times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      await test.time.advance(1_500);
      await expect(decideRun(test.another(dies), runId)).rejects.toThrow('SIGKILL');
    }
  }

  it('is given to a process of its own from the third time on', async () => {
    const test = createTestEngine();
    const runId = await joinableRun(test);
    await killDeciders(test, runId, 2);
    const isolated: string[] = [];
    const engine = test.another({ isolate: async (id) => void isolated.push(id) });
    await test.time.advance(1_500);
    expect(await decideRun(engine, runId)).toEqual({ type: 'isolated' });
    expect(isolated).toEqual([runId]);
  });

  it('fails its run after five times alone, when nobody else has committed in the meantime', async () => {
    const test = createTestEngine();
    const runId = await joinableRun(test);
    await killDeciders(test, runId, 2 + 5);
    const engine = test.another(dies);
    await test.time.advance(1_500);
    expect(await decideRun(engine, runId)).toEqual({ type: 'busy', retryAfterMs: 1_000 });
    await test.time.advance(1_500);
    expect((await decideRun(engine, runId)).type).toBe('failed');
    const { status, reason } = await runOf(test.engine, runId);
    expect([status, reason]).toEqual([
      'FAILED',
      'decide: its evaluation has ended its process 5 times',
    ]);
  });

  it('D6 is not held against the runs that are decided beside it', async () => {
    const test = createTestEngine();
    const innocents = [await joinableRun(test), await joinableRun(test)];
    const guilty = await joinableRun(test);
    const all = [...innocents, guilty];
    // Nobody gets further than its load before the guilty one ends the process, unless it is not beside it.
    const dyingProcess = () => {
      let isDead = false;
      const decide: Engine['decide'] = (input) => {
        isDead ||= input.slice.run.id === guilty;
        return test.engine.decide(input);
      };
      const commit: Engine['store']['commit'] = async (args) => {
        await test.time.advance(1);
        return isDead ? new Promise(() => undefined) : test.store.commit(args);
      };
      return test.another({ decide, store: { ...test.store, commit } });
    };
    for (let death = 0; death < 7; death += 1) {
      await test.time.advance(1_500);
      const engine = dyingProcess();
      for (const runId of all) void decideRun(engine, runId);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await test.time.advance(1_500);
    for (const runId of all) await decideRun(test.engine, runId);
    await test.time.advance(1_500);
    for (const runId of all) await decideRun(test.engine, runId);
    const statuses = await Promise.all(
      all.map(async (runId) => (await runOf(test.engine, runId)).status),
    );
    expect(statuses).toEqual(['RUNNING', 'RUNNING', 'FAILED']);
  });
});

describe('a process that ends around a commit', () => {
  it.each([
    'in-critical-section',
    'before-commit',
    'after-commit',
    'before-relay',
    'after-enqueue',
  ])('at %s costs time and nothing else', async (place) => {
    const test = createTestEngine();
    const runId = await joinableRun(test);
    await expect(decideRun(test.another(diesAt(place)), runId)).rejects.toThrow('SIGKILL');
    await test.time.advance(1_500);
    for (let partition = 0; partition < 4; partition += 1) {
      await relayUnsent(test.engine, partition);
    }
    await decideRun(test.engine, runId);
    expect(await work(test.engine, test.queue)).toEqual(['after']);
    await settle(test);
    expect((await runOf(test.engine, runId)).status).toBe('COMPLETED');
    expect(await firedJoins(test, runId)).toBe(1);
  });
});
