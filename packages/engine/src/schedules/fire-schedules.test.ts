import { type RunId } from '@joinery/core';
import { type Agenda, createMemoryAgenda } from '@joinery/store';
import { describe, expect, it } from 'vitest';
import { createTestEngine, type TestEngine } from '../../test/fixtures/test-engine.ts';
import { registerDefinition } from '../definitions/register-definition.ts';
import { operateRun } from '../operations/operate-run.ts';
import { decideRun } from '../decisions/decide-run.ts';
import { type Scheduling } from './agenda-ports.ts';
import { backfillSchedule, getBackfill, previewBackfill } from './backfill-schedule.ts';
import { fireSchedules } from './fire-schedules.ts';
import {
  getSchedule,
  listSchedules,
  pauseSchedule,
  putSchedule,
  removeSchedule,
  resumeSchedule,
  scheduleEvents,
} from './operate-schedule.ts';

const MINUTE = 60_000;
const report = { name: 'report', tasks: [{ name: 'a', taskReferenceName: 'a', type: 'SIMPLE' }] };
const everyMinute = { name: 'm', workflow: { name: 'report' }, interval: '1m' };

async function bench() {
  const test = createTestEngine();
  const agenda = createMemoryAgenda({ now: () => test.time.now() });
  await registerDefinition(test.engine, report);
  const parts: Scheduling = { engine: test.engine, agenda };
  /** The next whole minute of the clock. */
  const firstAt = Math.ceil(test.time.now() / MINUTE) * MINUTE;
  const passTo = async (at: number) => test.time.advance(at - test.time.now());
  const fireAll = async (by = parts) => {
    while ((await fireSchedules(by)) > 0);
  };
  return { ...test, agenda, parts, firstAt, passTo, fireAll };
}

async function runIds({ store }: Pick<TestEngine, 'store'>): Promise<readonly RunId[]> {
  return (await store.list(100)).map(({ runId }) => runId);
}

async function end({ engine }: Pick<TestEngine, 'engine'>, runId: RunId): Promise<void> {
  await operateRun(engine, { runId, operation: { type: 'terminate', reason: 'x' } });
  await decideRun(engine, runId);
}

/** An agenda one of whose commits ends its process, before or after it is written. */
function dyingAgenda(agenda: Agenda, where: 'before' | 'after'): Agenda {
  return {
    ...agenda,
    async commit(change) {
      if (where === 'after') await agenda.commit(change);
      throw new Error('SIGKILL');
    },
  };
}

describe('schedules', () => {
  it('start a run at each firing, with the session in its input', async () => {
    const test = await bench();
    const input = { day: '${sessionDate}', fixed: 7 };
    await putSchedule(test.parts, { ...everyMinute, workflow: { name: 'report', input } });
    await test.fireAll();
    expect(await runIds(test)).toEqual([]);
    await test.passTo(test.firstAt);
    await test.fireAll();
    const [runId] = await runIds(test);
    if (runId === undefined) throw new Error('no run was started');
    expect(await test.store.payload(runId, 'run:input')).toMatchObject({
      day: '2023-11-14',
      fixed: 7,
      _session: { sessionUnixtime: test.firstAt / 1_000, lastExecutedSessionTime: null },
      _startedByScheduler: 'm',
      _scheduledTime: test.firstAt,
      _executedTime: test.firstAt,
    });
    await test.passTo(test.firstAt + 2 * MINUTE);
    await test.fireAll();
    expect(await runIds(test)).toHaveLength(2);
    expect(await scheduleEvents(test.parts, 'm', 10)).toMatchObject([
      { type: 'started', isNew: true, sessionAt: test.firstAt + 2 * MINUTE },
      { type: 'skipped', reason: 'missed', sessionAt: test.firstAt + MINUTE },
      { type: 'started', isNew: true, sessionAt: test.firstAt, runId },
    ]);
  });

  it.each(['before', 'after'] as const)(
    'F1 F2 start one run although their process dies %s the commit',
    async (where) => {
      const test = await bench();
      await putSchedule(test.parts, everyMinute);
      await test.passTo(test.firstAt);
      const dying = { engine: test.another(), agenda: dyingAgenda(test.agenda, where) };
      await expect(fireSchedules(dying)).rejects.toThrow('1 schedules could not');
      expect(await runIds(test)).toHaveLength(1);
      await test.fireAll();
      await test.passTo(test.firstAt + 5_000);
      await test.fireAll();
      expect(await runIds(test)).toHaveLength(1);
      const { next } = await getSchedule(test.parts, 'm');
      expect(next?.sessionAt).toBe(test.firstAt + MINUTE);
      const [event] = await scheduleEvents(test.parts, 'm', 10);
      expect(event).toMatchObject({ type: 'started', isNew: where === 'after' });
    },
  );

  it('F1 start one run in a cluster of five that all have taken the firing', async () => {
    const test = await bench();
    await putSchedule(test.parts, everyMinute);
    await test.passTo(test.firstAt);
    const taken = await test.agenda.takeDue(9);
    const nodes = Array.from({ length: 5 }, () => ({
      engine: test.another(),
      agenda: { ...test.agenda, takeDue: async () => taken },
    }));
    await Promise.all(nodes.map((node) => fireSchedules(node)));
    expect(await runIds(test)).toHaveLength(1);
    expect(await scheduleEvents(test.parts, 'm', 10)).toHaveLength(1);
  });

  it('F3 are not overwritten by a firing that began before they were changed', async () => {
    const test = await bench();
    await putSchedule(test.parts, everyMinute);
    await test.passTo(test.firstAt);
    const taken = await test.agenda.takeDue(9);
    await pauseSchedule(test.parts, 'm', 'stop');
    await fireSchedules({ ...test.parts, agenda: { ...test.agenda, takeDue: async () => taken } });
    expect((await getSchedule(test.parts, 'm')).paused).toMatchObject({ reason: 'stop' });
    await removeSchedule(test.parts, 'm');
    await fireSchedules({ ...test.parts, agenda: { ...test.agenda, takeDue: async () => taken } });
    expect(await listSchedules(test.parts)).toEqual([]);
  });

  it('F4 go on when another one cannot be looked at', async () => {
    const test = await bench();
    await putSchedule(test.parts, everyMinute);
    await putSchedule(test.parts, { ...everyMinute, name: 'n' });
    await test.passTo(test.firstAt);
    const agenda: Agenda = {
      ...test.agenda,
      commit: (change) =>
        change.id === 'schedule/m' ? Promise.reject(new Error('away')) : test.agenda.commit(change),
    };
    await expect(fireSchedules({ ...test.parts, agenda })).rejects.toThrow('1 schedules');
    expect(await scheduleEvents(test.parts, 'n', 1)).toMatchObject([{ type: 'started' }]);
  });

  it('say that a run could not be made, and go on with their calendar', async () => {
    const test = await bench();
    await putSchedule(test.parts, { ...everyMinute, workflow: { name: 'nobody' } });
    await test.passTo(test.firstAt);
    await test.fireAll();
    expect(await scheduleEvents(test.parts, 'm', 1)).toMatchObject([
      { type: 'failed', reason: expect.stringContaining('JN_DEF_NOT_FOUND') },
    ]);
    expect(test.logger.events()).toContain('schedule.start-failed');
    expect((await getSchedule(test.parts, 'm')).next?.sessionAt).toBe(test.firstAt + MINUTE);
  });

  it('wait for a place, or leave a firing out, while their runs are under way', async () => {
    const test = await bench();
    await putSchedule(test.parts, { ...everyMinute, maxConcurrentRuns: 1, missedRuns: 'all' });
    await putSchedule(test.parts, { ...everyMinute, name: 'skips', skipOnOvertime: true });
    await test.passTo(test.firstAt);
    await test.fireAll();
    await test.passTo(test.firstAt + MINUTE);
    await test.fireAll();
    const events = async (name: string) =>
      (await scheduleEvents(test.parts, name, 9)).map(({ type }) => type);
    expect(await events('m')).toEqual(['started']);
    expect(await events('skips')).toEqual(['skipped', 'started']);
    for (const runId of await runIds(test)) await end(test, runId);
    await test.passTo(test.firstAt + MINUTE + 1_000);
    await test.fireAll();
    expect(await events('m')).toEqual(['started', 'started']);
    expect((await getSchedule(test.parts, 'm')).runs).toHaveLength(1);
  });

  it('are several of one workflow; one that is removed leaves the other', async () => {
    const test = await bench();
    await putSchedule(test.parts, everyMinute);
    await putSchedule(test.parts, { ...everyMinute, name: 'n' });
    await removeSchedule(test.parts, 'n');
    await expect(removeSchedule(test.parts, 'n')).rejects.toMatchObject({
      code: 'JN_SCHEDULE_NOT_FOUND',
    });
    await test.passTo(test.firstAt);
    await test.fireAll();
    expect(await runIds(test)).toHaveLength(1);
    for (const verb of [pauseSchedule, resumeSchedule, getSchedule]) {
      await expect(verb(test.parts, 'n')).rejects.toMatchObject({ code: 'JN_SCHEDULE_NOT_FOUND' });
    }
  });
});

/** A schedule that has fired once, was paused, and has missed the firings of ten minutes. */
async function paused() {
  const test = await bench();
  await putSchedule(test.parts, everyMinute);
  await test.passTo(test.firstAt);
  await test.fireAll();
  await pauseSchedule(test.parts, 'm');
  await test.passTo(test.firstAt + 10 * MINUTE);
  const range = { name: 'b', from: test.firstAt, to: test.firstAt + 2 * MINUTE };
  return { ...test, range };
}

describe('a backfill', () => {
  it('runs the sessions that have no run, one after another', async () => {
    const test = await paused();
    const { range, parts } = test;
    expect((await previewBackfill(parts, 'm', range)).firings).toHaveLength(3);
    expect(await runIds(test)).toHaveLength(1);
    await backfillSchedule(parts, 'm', range);
    await test.fireAll();
    expect(await runIds(test)).toHaveLength(2);
    for (let step = 0; step < 3; step += 1) {
      for (const runId of await runIds(test)) await end(test, runId).catch(() => undefined);
      await test.passTo(test.time.now() + 1_000);
      await test.fireAll();
    }
    expect(await runIds(test)).toHaveLength(3);
    expect(await getBackfill(parts, 'b')).toMatchObject({
      state: { position: 3, foundCount: 1, endedAt: expect.any(Number) },
      events: [{ isNew: true }, { isNew: true }, { isNew: false }],
    });
  });

  it('runs as many at once as it was told, and none twice when its process dies', async () => {
    const test = await paused();
    await backfillSchedule(test.parts, 'm', { ...test.range, parallel: 3 });
    const dying = { engine: test.another(), agenda: dyingAgenda(test.agenda, 'before') };
    await expect(fireSchedules(dying)).rejects.toThrow('1 schedules');
    await test.passTo(test.time.now() + 5_000);
    await test.fireAll();
    expect(await runIds(test)).toHaveLength(3);
  });

  it('is one by its name', async () => {
    const test = await paused();
    const first = await backfillSchedule(test.parts, 'm', test.range);
    expect(await backfillSchedule(test.parts, 'm', test.range)).toEqual(first);
    const other = backfillSchedule(test.parts, 'm', { ...test.range, count: 1 });
    await expect(other).rejects.toMatchObject({ code: 'JN_BACKFILL_EXISTS' });
    const unknown = backfillSchedule(test.parts, 'nobody', test.range);
    await expect(unknown).rejects.toMatchObject({ code: 'JN_SCHEDULE_NOT_FOUND' });
    await expect(getBackfill(test.parts, 'nobody')).rejects.toMatchObject({
      code: 'JN_BACKFILL_NOT_FOUND',
    });
  });

  it('is forgotten 30 days after its end', async () => {
    const test = await paused();
    await backfillSchedule(test.parts, 'm', { ...test.range, to: test.firstAt });
    await test.fireAll();
    for (const runId of await runIds(test)) await end(test, runId);
    await test.passTo(test.time.now() + 2_000);
    await test.fireAll();
    expect((await getBackfill(test.parts, 'b')).state.endedAt).not.toBeNull();
    await test.passTo(test.time.now() + 30 * 86_400_000);
    await test.fireAll();
    await expect(getBackfill(test.parts, 'b')).rejects.toMatchObject({
      code: 'JN_BACKFILL_NOT_FOUND',
    });
  });
});
