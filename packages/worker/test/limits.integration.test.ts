import type { RunId } from '@joinery/core';
import {
  advanceGates,
  registerDefinition,
  registerTaskDefinition,
  startRun,
} from '@joinery/engine';
import { eventually } from '@joinery/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineTask, type Task } from '../src/index.ts';
import { openPlant, type Plant } from './fixtures/plant.ts';

let plant: Plant;
beforeAll(async () => {
  plant = await openPlant();
});
afterAll(() => plant[Symbol.asyncDispose]());

/** What really ran, and when: by time that never goes back. */
class Ledger {
  readonly entries: { readonly runId: string; readonly startedAt: number; endedAt: number }[] = [];

  task(type: string, workMs: number): Task {
    return defineTask({
      type,
      run: async (_input, { runId }) => {
        const entry = { runId, startedAt: performance.now(), endedAt: Number.POSITIVE_INFINITY };
        this.entries.push(entry);
        await delay(workMs);
        entry.endedAt = performance.now();
      },
    });
  }

  /** How many ran at a time, at most. */
  get most(): number {
    return Math.max(
      ...this.entries.map(
        ({ startedAt }) =>
          this.entries.filter((each) => each.startedAt <= startedAt && each.endedAt > startedAt)
            .length,
      ),
    );
  }
}

async function startMany(type: string, count: number): Promise<readonly RunId[]> {
  return Promise.all(Array.from({ length: count }, () => plant.start(type)));
}

async function allCompleted(runIds: readonly RunId[]): Promise<void> {
  await eventually(async () => {
    const rows = await Promise.all(runIds.map((runId) => plant.row(runId)));
    expect(rows.filter(({ status }) => status !== 'COMPLETED')).toEqual([]);
  });
}

describe('a limited task on three workers', () => {
  it.each([1, 4])(
    'never runs more than %i at a time, and nobody waits longer than he must',
    async (max) => {
      const type = `limit_${max}`;
      await registerTaskDefinition(plant.engine, { name: type, concurrentExecLimit: max });
      const ledger = new Ledger();
      for (const id of ['w1', 'w2', 'w3']) {
        await plant.worker({ id: `${id}-${max}`, tasks: [ledger.task(type, 10)] });
      }
      const runIds = await startMany(type, 40);
      await allCompleted(runIds);
      expect(ledger.entries).toHaveLength(40);
      expect(ledger.most).toBe(max);
      const ends = ledger.entries.map(({ endedAt }) => endedAt);
      const took = Math.max(...ends) - (ledger.entries[0]?.startedAt ?? 0);
      // Ten milliseconds each, and a wake-up between them: without one, each would wait for a sweep.
      expect(took).toBeLessThan((40 / max) * 250);
      // A place is given back after the result that ends its attempt.
      await eventually(async () => expect(await plant.engine.gates.due()).toEqual([]));
    },
  );

  it('runs one at a time of those with one concurrency key', async () => {
    const type = 'keyed';
    const ledger = new Ledger();
    await plant.worker({ id: 'k1', tasks: [ledger.task(type, 20)] });
    await plant.worker({ id: 'k2', tasks: [ledger.task(type, 20)] });
    const task = { name: type, taskReferenceName: 'only', type: 'SIMPLE' };
    const concurrencyKey = '${workflow.input.customer}';
    await registerDefinition(plant.engine, { name: 'keyed', tasks: [{ ...task, concurrencyKey }] });
    const customerOf = new Map<string, number>();
    for (let i = 0; i < 24; i += 1) {
      const customer = i % 3;
      const { runId } = await startRun(plant.engine, { name: 'keyed', input: { customer } });
      customerOf.set(runId, customer);
    }
    await eventually(() =>
      expect(ledger.entries.filter(({ endedAt }) => endedAt < Infinity)).toHaveLength(24),
    );
    for (const customer of [0, 1, 2]) {
      const own = new Ledger();
      own.entries.push(...ledger.entries.filter(({ runId }) => customerOf.get(runId) === customer));
      expect(own.most).toBe(1);
    }
    expect(ledger.most).toBeGreaterThan(1);
  });

  it('goes on when the holder of the only place has died', async () => {
    const type = 'mortal';
    await registerTaskDefinition(plant.engine, { name: type, concurrentExecLimit: 1 });
    const hung = defineTask({ type, concurrency: 1, run: () => new Promise(() => undefined) });
    // A dead process neither beats nor gives anything back.
    await plant.worker({
      id: 'dead',
      tasks: [hung],
      over: (ports) => ({
        ...ports,
        verbs: {
          ...ports.verbs,
          beat: async (items) => items.map(() => true),
          leave: async () => undefined,
          complete: () => new Promise(() => undefined),
        },
      }),
    });
    const first = await plant.start(type);
    await eventually(async () => (await plant.row(first)).status === 'IN_PROGRESS');
    const ledger = new Ledger();
    await plant.worker({ id: 'alive', tasks: [ledger.task(type, 1)] });
    const second = await plant.start(type);
    await eventually(async () => {
      await plant.sweep();
      await advanceGates(plant.engine);
      return (await plant.row(second)).status === 'COMPLETED';
    });
    expect(await plant.row(second)).toMatchObject({ deliveries: 1 });
  });
});
