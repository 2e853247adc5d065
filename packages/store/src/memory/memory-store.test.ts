import { expect, test } from 'vitest';
import { describeAgenda } from '../../test/agenda-conformance.ts';
import { describePorts } from '../../test/ports-conformance.ts';
import { describeStore } from '../../test/store-conformance.ts';
import { enter, rowOf, runId, START_AT, startOf } from '../../test/store-fixtures.ts';
import { createMemoryAgenda } from './memory-agenda.ts';
import { createMemoryDefinitionStore } from './memory-definition-store.ts';
import { createMemoryFleet } from './memory-fleet.ts';
import { createMemoryNudges } from './memory-nudges.ts';
import { createMemoryStore } from './memory-store.ts';
import { createMemoryTunables } from './memory-tunables.ts';

describeStore('memory', async () => {
  const clock = { now: START_AT };
  const store = createMemoryStore({ partitions: 4, now: () => clock.now });
  return { store, clock, close: () => store.close() };
});

describePorts('memory', async () => {
  const clock = { now: START_AT };
  return {
    definitions: createMemoryDefinitionStore(),
    tunables: createMemoryTunables(),
    fleet: createMemoryFleet({ now: () => clock.now }),
    nudges: createMemoryNudges(),
    clock,
  };
});

describeAgenda('memory', async () => {
  const clock = { now: START_AT };
  return { agenda: createMemoryAgenda({ now: () => clock.now }), clock };
});

test('a caller that gives up takes no nudge with it', async () => {
  const nudges = createMemoryNudges();
  const giveUp = new AbortController();
  const gone = nudges.pop(60_000, 1, giveUp.signal);
  const next = nudges.pop(60_000, 1, new AbortController().signal);
  giveUp.abort();
  await nudges.push([runId(1), runId(2)]);
  expect([await gone, await next]).toEqual([[], [runId(1)]]);
  await nudges.close();
});

test('callers and the store never share memory', async () => {
  const store = createMemoryStore({ partitions: 1, now: () => START_AT });
  const input = { list: [1] };
  const args = startOf(runId(1), enter(rowOf('a')));
  await store.start({ ...args, run: { ...args.run, input } });
  input.list.push(2);
  const stored = await store.payload(runId(1), 'run:input');
  expect(stored).toEqual({ list: [1] });
  expect(Object.isFrozen(stored)).toBe(true);
  expect((await store.rows(runId(1))).every(Object.isFrozen)).toBe(true);
  expect(Object.isFrozen(await store.find(runId(1)))).toBe(true);
});

test('a snapshot shows everything that is kept of a run', async () => {
  const store = createMemoryStore({ partitions: 1, now: () => START_AT });
  expect(store.snapshot(runId(1))).toBeNull();
  await store.start(startOf(runId(1), enter(rowOf('a'))));
  expect(store.snapshot(runId(1))).toMatchObject({
    record: { dirty: 0, fenceIssued: 0 },
    tasks: { a: { rev: 1 } },
    outbox: { 'dispatch:a': { at: START_AT } },
    watch: { 'check:a': START_AT + 2_000 },
    unsent: { 'dispatch:a': START_AT },
    attention: START_AT + 2_000,
  });
});

test('a partition that does not exist is an error, not an empty one', async () => {
  const store = createMemoryStore({ partitions: 2, now: () => START_AT });
  await expect(store.take(2, 1)).rejects.toMatchObject({ code: 'JN_INVARIANT_BROKEN' });
});
