import { describe, expect, it } from 'vitest';
import { utc } from '../../test/utc.ts';
import { runIdOf } from '../run/ids.ts';
import { planBackfill, decideBackfill } from './backfill.ts';
import { afterFiring, decideFiring } from './decide-firing.ts';
import { parseSchedule } from './schedule.ts';
import {
  changeSchedule,
  previewFirings,
  scheduleDueAt,
  type ScheduleState,
} from './schedule-state.ts';

const HOUR = 3_600_000;
const start = utc('2026-05-01 00:30');
const firstAt = utc('2026-05-01 01:00');
const run = runIdOf(0, 'abcdefgh');

function scheduled(fields: object = {}, now = start): ScheduleState {
  const schedule = parseSchedule({
    name: 's',
    workflow: { name: 'w' },
    ...('cron' in fields || 'interval' in fields ? {} : { cron: '0 * * * *' }),
    ...fields,
  });
  const state = changeSchedule(null, { type: 'put', schedule }, now);
  if (state === null) throw new Error('a put makes a schedule');
  return state;
}

/** Plays a schedule at one moment until it has nothing to do. */
function play(state: ScheduleState, now: number, runCount = 0) {
  const done: string[] = [];
  let current = state;
  for (;;) {
    const decision = decideFiring(current, { now, runCount });
    if (decision.type === 'nothing' || decision.type === 'wait') {
      return { done, state: current, last: decision.type };
    }
    const hour = (decision.firing.plannedAt - firstAt) / HOUR + 1;
    done.push(decision.type === 'start' ? `start ${hour}` : `${decision.reason} ${hour}`);
    current =
      decision.type === 'skip' ? decision.state : afterFiring(current, decision.firing, run);
  }
}

describe('a schedule', () => {
  it('fires when its moment has come, once', () => {
    const state = scheduled();
    expect(scheduleDueAt(state)).toBe(firstAt);
    expect(play(state, firstAt - 1).done).toEqual([]);
    const played = play(state, firstAt);
    expect(played.done).toEqual(['start 1']);
    expect(scheduleDueAt(played.state)).toBe(firstAt + HOUR);
    expect(played.state.lastExecutedSessionAt).toBe(firstAt);
  });

  it.each([
    ['all', ['start 1', 'start 2', 'start 3', 'start 4']],
    ['latest', ['missed 1', 'start 4']],
    ['none', ['missed 1']],
  ])('does with missed firings what its policy %s says', (missedRuns, expected) => {
    const played = play(scheduled({ missedRuns }), firstAt + 3.5 * HOUR);
    expect(played.done).toEqual(expected);
    expect(scheduleDueAt(played.state)).toBe(firstAt + 4 * HOUR);
  });

  it('has missed nothing when it is a few seconds late', () => {
    for (const missedRuns of ['all', 'latest', 'none']) {
      expect(play(scheduled({ missedRuns }), firstAt + 9_000).done).toEqual(['start 1']);
    }
  });

  it('finds the latest of a million missed firings in one step', () => {
    const state = scheduled({ cron: '* * * * * *' });
    const { done } = play(state, start + 12 * 86_400_000);
    expect(done).toHaveLength(2);
    expect(done[0]).toContain('missed');
    expect(done[1]).toContain('start');
  });

  it('leaves out what is later than skipDelayedBy, and carries out what is not', () => {
    const state = scheduled({ missedRuns: 'all', skipDelayedBy: '2h' });
    expect(play(state, firstAt + 4 * HOUR).done).toEqual([
      'delayed 1',
      'start 3',
      'start 4',
      'start 5',
    ]);
    expect(play(state, firstAt + 2 * HOUR).done[0]).toBe('start 1');
  });

  it('leaves a firing out while a run is under way, or waits for a place', () => {
    const overtime = play(scheduled({ skipOnOvertime: true }), firstAt, 1);
    expect([overtime.done, scheduleDueAt(overtime.state)]).toEqual([
      ['overtime 1'],
      firstAt + HOUR,
    ]);
    const limited = scheduled({ maxConcurrentRuns: 2 });
    expect(play(limited, firstAt, 2)).toMatchObject({ done: [], last: 'wait' });
    expect(play(limited, firstAt, 1).done).toEqual(['start 1']);
    expect(play(limited, firstAt, 1).state.runs).toEqual([run]);
    expect(play(scheduled(), firstAt, 1).state.runs).toEqual([]);
  });

  it('fires within its window only, both ends included', () => {
    const window = { from: firstAt + HOUR, to: firstAt + 3 * HOUR };
    const state = scheduled({ ...window, missedRuns: 'all' });
    expect(play(state, firstAt + 9 * HOUR)).toMatchObject({
      done: ['start 2', 'start 3', 'start 4'],
      state: { next: null },
    });
    const late = scheduled({ ...window, missedRuns: 'latest' });
    expect(play(late, firstAt + 9 * HOUR).done).toEqual(['missed 2', 'start 4']);
  });

  it('is later by its jitter, always by the same, and its session is not', () => {
    const jittered = scheduled({ jitter: '10m' });
    const dueAt = scheduleDueAt(jittered) ?? 0;
    expect(dueAt).toBe(scheduleDueAt(scheduled({ jitter: '10m' })));
    expect(dueAt).toBeGreaterThan(firstAt);
    expect(dueAt).toBeLessThan(firstAt + 600_000);
    expect(jittered.next?.sessionAt).toBe(firstAt);
    const delays = previewFirings(jittered.schedule, start, 50).map(({ plannedAt }) => {
      const next = changeSchedule(
        null,
        { type: 'put', schedule: jittered.schedule },
        plannedAt - 1,
      );
      return Math.floor(((next?.next?.dueAt ?? 0) - plannedAt) / 60_000);
    });
    expect(new Set(delays).size).toBeGreaterThan(5);
  });

  it('does nothing while it is paused, and what it has missed then is its policy', () => {
    const paused = changeSchedule(scheduled(), { type: 'pause', reason: 'holiday' }, start);
    if (paused === null) throw new Error('it is there');
    expect([scheduleDueAt(paused), play(paused, firstAt + HOUR).done]).toEqual([null, []]);
    const again = changeSchedule(paused, { type: 'pause', reason: 'other' }, start + 5);
    expect(again?.paused).toEqual({ reason: 'holiday', at: start });
    const resumed = changeSchedule(paused, { type: 'resume' }, firstAt + 2.5 * HOUR);
    if (resumed === null) throw new Error('it is there');
    expect(play(resumed, firstAt + 2.5 * HOUR).done).toEqual(['missed 1', 'start 3']);
    expect(changeSchedule(null, { type: 'resume' }, start)).toBeNull();
    const { schedule } = paused;
    const put = (isPaused?: boolean) =>
      changeSchedule(
        paused,
        { type: 'put', schedule, ...(isPaused === undefined ? {} : { isPaused }) },
        start,
      )?.paused;
    expect([put(), put(true), put(false)]).toEqual([paused.paused, paused.paused, null]);
  });

  it('begins a new calendar from the change on, and keeps its next firing for any other change', () => {
    const state = scheduled();
    const later = firstAt + 5;
    const put = (fields: object) =>
      changeSchedule(state, { type: 'put', schedule: scheduled(fields).schedule }, later);
    expect(put({ skipOnOvertime: true })?.next).toEqual(state.next);
    expect(put({ cron: '30 * * * *' })?.next?.plannedAt).toBe(firstAt + HOUR / 2);
    expect(put({})?.createdAt).toBe(start);
  });
});

describe('a backfill', () => {
  const { schedule } = scheduled();
  const range = { name: 'b', from: firstAt, to: firstAt + 3 * HOUR };
  const now = firstAt + 10 * HOUR;

  it('has the sessions of its range, both ends included, none that is still to come', () => {
    const hours = (fields: object, at = now) =>
      planBackfill(schedule, { ...range, ...fields }, at).firings.map(
        ({ sessionAt }) => (sessionAt - firstAt) / HOUR,
      );
    expect(hours({})).toEqual([0, 1, 2, 3]);
    expect(hours({ count: 2 })).toEqual([0, 1]);
    expect(hours({}, firstAt + 1.5 * HOUR)).toEqual([0, 1]);
    expect(hours({ from: firstAt + 1, to: firstAt + HOUR - 1 })).toEqual([]);
  });

  it('takes periods by their session and not by their firing', () => {
    const daily = parseSchedule({ name: 'd', workflow: { name: 'w' }, daily: '07:00:00' });
    const day = utc('2026-05-01 00:00');
    const sessions = (from: number, to: number) =>
      planBackfill(daily, { name: 'b', from, to }, now + 9e9).firings.map((each) => each.sessionAt);
    expect(sessions(day, day)).toEqual([day]);
    expect(sessions(day + 1, day + 24 * HOUR)).toEqual([day + 24 * HOUR]);
  });

  it.each([
    [{ name: 'a b' }, 'its name'],
    [{ to: firstAt - 1 }, 'ends before it begins'],
    [{ from: Number.NaN }, 'ends before it begins'],
    [{ count: 0 }, 'count'],
    [{ parallel: 1.5 }, 'parallel'],
    [{ from: firstAt - 2_000 * HOUR }, 'more than 1000'],
  ])('is refused with %j', (fields, problem) => {
    const plan = () => planBackfill(schedule, { ...range, ...fields }, now);
    expect(plan).toThrow(expect.objectContaining({ code: 'JN_BACKFILL_INVALID' }));
    expect(plan).toThrow(problem);
  });

  it('starts as many at once as it may, and ends with its last run', () => {
    const backfill = planBackfill(schedule, { ...range, parallel: 2, count: 2 }, now);
    const state = { backfill, position: 0, runs: [], foundCount: 0, createdAt: 0, endedAt: null };
    expect(decideBackfill(state, 1)).toEqual({ type: 'start', firing: backfill.firings[0] });
    expect(decideBackfill(state, 2)).toEqual({ type: 'wait' });
    expect(decideBackfill({ ...state, position: 2 }, 1)).toEqual({ type: 'wait' });
    expect(decideBackfill({ ...state, position: 2 }, 0)).toEqual({ type: 'end' });
  });
});
