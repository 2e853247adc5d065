import { createManualTime } from '@joinery/kit';
import { expect, it } from 'vitest';
import { KeyTurns } from './key-turns.ts';

const time = createManualTime();
const bounds = (signal = new AbortController().signal) => ({ time, ms: 1_000, signal });

it('turns go round in order of arrival, one at a time, for each key apart', async () => {
  const turns = new KeyTurns();
  const order: string[] = [];
  const visit = async (name: string): Promise<void> => {
    expect(await turns.take('k', name, bounds())).toBe('mine');
    order.push(name);
    turns.pass('k');
  };
  expect(await turns.take('k', 'holder', bounds())).toBe('mine');
  expect(await turns.take('other', 'holder', bounds())).toBe('mine');
  const visits = ['a', 'b', 'c'].map((name) => visit(name));
  turns.pass('k');
  await Promise.all(visits);
  expect(order).toEqual(['a', 'b', 'c']);
});

it('a turn is passed over a waiter that gave up in the same tick', async () => {
  const turns = new KeyTurns();
  await turns.take('k', 'holder', bounds());
  const quitting = new AbortController();
  const quitter = turns.take('k', 'a', bounds(quitting.signal));
  const stayer = turns.take('k', 'b', bounds());
  quitting.abort();
  turns.pass('k');
  expect(await quitter).toBe('none');
  expect(await stayer).toBe('mine');
});

it('a shared turn goes to waiters of that owner alone, and does not end the turn', async () => {
  const turns = new KeyTurns();
  await turns.take('k', 'a', bounds());
  const same = turns.take('k', 'a', bounds());
  const other = turns.take('k', 'b', bounds());
  turns.share('k', 'a');
  expect(await same).toBe('shared');
  turns.pass('k');
  expect(await other).toBe('mine');
});

it('a turn that nobody waits for is free again', async () => {
  const turns = new KeyTurns();
  await turns.take('k', 'a', bounds());
  turns.pass('k');
  expect(await turns.take('k', 'b', { ...bounds(), ms: 0 })).toBe('mine');
  expect(await turns.take('k', 'c', { ...bounds(), ms: 0 })).toBe('none');
  expect(time.pendingCount()).toBe(0);
});
