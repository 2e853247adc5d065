import { describe, expect, test } from 'vitest';
import type { RunId } from '@joinery/core';
import type { DefinitionStore, Fleet, Member, Nudges, TunableStore } from '@joinery/store';
import { runId, START_AT } from './store-fixtures.ts';

/** The smaller ports, each empty at the beginning of a test. */
export interface PortsUnderTest {
  readonly definitions: DefinitionStore;
  readonly tunables: TunableStore;
  readonly fleet: Fleet;
  readonly nudges: Nudges;
  /** Clock of the fleet. */
  readonly clock: { now: number };
}

type Make = () => Promise<PortsUnderTest>;

/** What every implementation of the smaller ports does. */
export function describePorts(name: string, make: Make): void {
  describe(`definitions in ${name}`, () => {
    definitionBehaviour(make);
    taskDefinitionBehaviour(make);
  });
  describe(`tunables and fleet in ${name}`, () => {
    fleetBehaviour(make);
    suspensionBehaviour(make);
  });
  describe(`nudges in ${name}`, () => {
    nudgeBehaviour(make);
  });
}

function definitionBehaviour(make: Make): void {
  test('a definition is found by its version, or as the latest one', async () => {
    const { definitions } = await make();
    for (const version of [2, 10, 9]) await definitions.putWorkflow('wf', version, { version });
    await definitions.putWorkflow('a', 1, {});
    await definitions.putWorkflow('wf', 9, { replaced: true });
    expect(await definitions.getWorkflow('wf')).toEqual({ version: 10 });
    expect(await definitions.getWorkflow('wf', 9)).toEqual({ replaced: true });
    expect(await definitions.getWorkflow('wf', 3)).toBeNull();
    expect(await definitions.getWorkflow('other')).toBeNull();
    expect(await definitions.listWorkflows()).toEqual([
      { name: 'a', version: 1 },
      { name: 'wf', version: 2 },
      { name: 'wf', version: 9 },
      { name: 'wf', version: 10 },
    ]);
  });

  test('a version is removed once, and a name goes with its last version', async () => {
    const { definitions } = await make();
    await definitions.putWorkflow('wf', 1, {});
    expect(await definitions.removeWorkflow('wf', 2)).toBe(false);
    expect(await definitions.removeWorkflow('wf', 1)).toBe(true);
    expect(await definitions.removeWorkflow('wf', 1)).toBe(false);
    expect(await definitions.getWorkflow('wf')).toBeNull();
    expect(await definitions.listWorkflows()).toEqual([]);
  });

  test('a stamp names the definitions until one of them changes', async () => {
    const { definitions } = await make();
    const stamps = [await definitions.workflowsStamp()];
    await definitions.putWorkflow('wf', 1, {});
    stamps.push(await definitions.workflowsStamp());
    await definitions.putWorkflow('wf', 1, { replaced: true });
    stamps.push(await definitions.workflowsStamp());
    await definitions.removeWorkflow('wf', 1);
    stamps.push(await definitions.workflowsStamp());
    expect(new Set(stamps).size).toBe(4);
    await definitions.removeWorkflow('wf', 1);
    expect(await definitions.workflowsStamp()).toBe(stamps.at(-1));
  });

  test('task definitions come as a map of those that are known, and what is pinned stays', async () => {
    const { definitions } = await make();
    await definitions.putTask('t', { retryCount: 1 });
    expect(await definitions.getTasks(['t', 'u'])).toEqual(new Map([['t', { retryCount: 1 }]]));
    const content = { planId: 'p', definition: { name: 'wf' }, taskDefs: [] };
    await definitions.pin(content);
    await definitions.pin({ ...content, definition: {} });
    expect(await definitions.getPinned('p')).toEqual(content);
    expect(await definitions.getPinned('q')).toBeNull();
  });
}

function taskDefinitionBehaviour(make: Make): void {
  test('task definitions are listed by name, and removed once', async () => {
    const { definitions } = await make();
    expect(await definitions.listTasks()).toEqual([]);
    for (const name of ['b', 'a']) await definitions.putTask(name, {});
    expect(await definitions.listTasks()).toEqual(['a', 'b']);
    expect(await definitions.removeTask('b')).toBe(true);
    expect(await definitions.removeTask('b')).toBe(false);
    expect(await definitions.listTasks()).toEqual(['a']);
  });
}

function memberOf(id: string): Member {
  return {
    id,
    roles: ['worker'],
    host: 'h',
    pid: 1,
    startedAt: START_AT,
    phase: 'ready',
    taskTypes: ['t'],
    inflight: 2,
  };
}

function fleetBehaviour(make: Make): void {
  test('a tunable is what was set last', async () => {
    const { tunables } = await make();
    await tunables.set('lock.decide.timeToTry', '1s');
    await tunables.set('lock.decide.timeToTry', '2s');
    expect(await tunables.get('lock.decide.timeToTry')).toBe('2s');
    expect(await tunables.get('other')).toBeNull();
    expect(await tunables.all()).toEqual({ 'lock.decide.timeToTry': '2s' });
  });

  test('a member lives 15 s from its last beat', async () => {
    const { fleet, clock } = await make();
    await fleet.beat(memberOf('a'));
    clock.now += 15_000;
    await fleet.beat(memberOf('b'));
    expect(await fleet.live()).toEqual([
      { ...memberOf('a'), beatAt: START_AT },
      { ...memberOf('b'), beatAt: clock.now },
    ]);
    clock.now += 1;
    expect((await fleet.live()).map(({ id }) => id)).toEqual(['b']);
    await fleet.beat(memberOf('a'));
    expect(await fleet.leave('b')).toEqual({ live: 1, isLast: false, generation: 0 });
    expect(await fleet.leave('b')).toEqual({ live: 1, isLast: false, generation: 0 });
    expect(await fleet.leave('a')).toEqual({ live: 0, isLast: true, generation: 1 });
  });
}

function serverOf(id: string): Member {
  return { ...memberOf(id), roles: ['server'] };
}

function suspensionBehaviour(make: Make): void {
  test('the last engine that leaves suspends the fleet, and the first that comes ends that', async () => {
    const { fleet, clock } = await make();
    expect(await fleet.state()).toEqual({ mode: 'ACTIVE', generation: 0, at: 0, by: '' });
    expect(await fleet.beat(serverOf('web'))).toBeNull();
    const first = { how: 'first', gapMs: 0, at: clock.now };
    expect(await fleet.beat(memberOf('a'))).toEqual(first);
    clock.now += 5;
    expect(await fleet.beat(memberOf('b'))).toBeNull();
    expect(await fleet.beat(memberOf('a'))).toEqual(first);
    expect(await fleet.leave('a')).toEqual({ live: 2, isLast: false, generation: 0 });
    expect(await fleet.leave('web')).toEqual({ live: 1, isLast: false, generation: 0 });
    expect((await fleet.state()).mode).toBe('ACTIVE');
    const last = { live: 0, isLast: true, generation: 1 };
    expect([await fleet.leave('b'), await fleet.leave('b')]).toEqual([last, last]);
    expect(await fleet.state()).toEqual({
      mode: 'QUIESCED',
      generation: 1,
      at: clock.now,
      by: 'b',
    });
    clock.now += 70_000;
    expect(await fleet.beat(serverOf('web'))).toBeNull();
    expect((await fleet.state()).mode).toBe('QUIESCED');
    expect(await fleet.beat(memberOf('c'))).toEqual({
      how: 'clean',
      gapMs: 70_000,
      at: clock.now,
    });
    expect(await fleet.leave('b')).toMatchObject({ isLast: false });
    expect(await fleet.leave('c', 'LEFT')).toMatchObject({ isLast: true, generation: 2 });
    expect((await fleet.state()).mode).toBe('LEFT');
  });

  test('a fleet whose last engine has died knows it, and for how long', async () => {
    const { fleet, clock } = await make();
    await fleet.beat(memberOf('a'));
    clock.now += 1_000;
    await fleet.beat({ ...memberOf('a'), phase: 'draining' });
    clock.now += 15_000;
    expect(await fleet.beat(memberOf('b'))).toBeNull();
    clock.now += 15_001;
    expect(await fleet.beat(memberOf('c'))).toEqual({
      how: 'unclean',
      gapMs: 15_001,
      at: clock.now,
    });
  });

  test('engines that have died do not keep the last one from being the last', async () => {
    const { fleet, clock } = await make();
    await fleet.beat(memberOf('dead'));
    clock.now += 15_001;
    await fleet.beat(memberOf('a'));
    expect(await fleet.leave('a')).toMatchObject({ isLast: true });
  });
}

function nudgeBehaviour(make: Make): void {
  const ids = [1, 2, 3].map((index): RunId => runId(index));
  const never = new AbortController().signal;

  test('nudges come out in the order in which they went in, each once', async () => {
    const { nudges } = await make();
    await nudges.push(ids);
    expect(await nudges.pop(1_000, 2, never)).toEqual(ids.slice(0, 2));
    expect(await nudges.pop(1_000, 2, never)).toEqual(ids.slice(2));
    expect(await nudges.pop(0, 2, never)).toEqual([]);
    expect(await nudges.pop(20, 2, never)).toEqual([]);
    await nudges.close();
  });

  test('a nudge wakes one of those that wait', async () => {
    const { nudges } = await make();
    const waiting = [nudges.pop(5_000, 2, never), nudges.pop(5_000, 2, never)];
    await nudges.push(ids.slice(0, 1));
    expect(await Promise.race(waiting)).toEqual(ids.slice(0, 1));
    await nudges.close();
    expect((await Promise.all(waiting)).flat()).toEqual(ids.slice(0, 1));
  });

  test('a caller stops to wait at its signal, and does not begin after it', async () => {
    const { nudges } = await make();
    const giveUp = new AbortController();
    const waiting = nudges.pop(60_000, 1, giveUp.signal);
    giveUp.abort();
    expect(await waiting).toEqual([]);
    expect(await nudges.pop(60_000, 1, giveUp.signal)).toEqual([]);
    await nudges.close();
    expect(await nudges.pop(60_000, 1, never)).toEqual([]);
  });

  test('only the newest 10,000 nudges are kept', async () => {
    const { nudges } = await make();
    const many = Array.from({ length: 10_001 }, (_none, index) => runId(index));
    await nudges.push(many);
    expect(await nudges.pop(0, 1, never)).toEqual([many[1]]);
    await nudges.close();
  });
}
