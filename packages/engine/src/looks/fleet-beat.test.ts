import { createManualTime, createMetrics, createRecordingLogger } from '@joinery/kit';
import { createMemoryFleet, type Member } from '@joinery/store';
import { describe, expect, it } from 'vitest';
import { createFleetBeat } from './fleet-beat.ts';

const facts = {
  id: 'p1',
  roles: ['worker'],
  host: 'h',
  pid: 1,
  startedAt: 0,
  taskTypes: [],
  inflight: 0,
};

describe('the beat of a process', () => {
  it('says starting, ready, draining, and leaves', async () => {
    const timers = createManualTime();
    const said: string[] = [];
    const fleet = {
      beat: async (member: Member) => {
        said.push(member.phase);
        return null;
      },
      leave: async (id: string) => {
        said.push(`${id} left`);
        return { live: 0, isLast: false, generation: 0 };
      },
    };
    const logger = createRecordingLogger();
    const beat = createFleetBeat({ fleet, member: () => facts, logger, timers });
    await beat.start(new AbortController().signal);
    await timers.advance(10_000);
    await beat.drain();
    await beat.stop();
    expect(said).toEqual(['starting', 'ready', 'ready', 'ready', 'draining', 'p1 left']);
    expect(timers.pendingCount()).toBe(0);
  });

  it('B1 says that the fleet was down when the last engine had died, once, and that it is back', async () => {
    const timers = createManualTime();
    const fleet = createMemoryFleet({ now: () => timers.now() });
    const logger = createRecordingLogger();
    const metrics = createMetrics();
    const beat = (id: string) =>
      createFleetBeat({ fleet, member: () => ({ ...facts, id }), logger, metrics, timers });
    const dead = beat('dead');
    await dead.start(new AbortController().signal);
    expect(logger.events()).toEqual(['fleet.active']);
    // The last beat of one that is killed.
    await fleet.beat({ ...facts, id: 'other', phase: 'ready' });
    await dead.stop();
    await timers.advance(70_000);
    const next = beat('next');
    await next.start(new AbortController().signal);
    await timers.advance(20_000);
    await next.stop();
    const again = beat('again');
    await again.start(new AbortController().signal);
    expect(logger.events()).toEqual([
      'fleet.active',
      'fleet.was-down',
      'fleet.suspended',
      'fleet.active',
    ]);
    expect(logger.lines[1]).toMatchObject({ level: 'error', durationMs: 70_000 });
    expect(await metrics.render()).toContain('joinery_fleet_was_down_total 1');
    await again.stop();
    expect(timers.pendingCount()).toBe(0);
  });

  it('B2 ends its process when Redis has not heard it for too long, once', async () => {
    const timers = createManualTime();
    let isAway = false;
    let fenced = 0;
    const fleet = {
      beat: async () => {
        if (isAway) throw new Error('away');
        return null;
      },
      leave: async () => ({ live: 0, isLast: false, generation: 0 }),
    };
    const logger = createRecordingLogger();
    const beat = createFleetBeat({
      fleet,
      member: () => facts,
      logger,
      timers,
      elapsedMs: () => timers.now(),
      selfFenceMs: 30_000,
      onFenced: () => {
        fenced += 1;
      },
    });
    await beat.start(new AbortController().signal);
    await timers.advance(120_000);
    isAway = true;
    await timers.advance(24_000);
    isAway = false;
    await timers.advance(60_000);
    expect(fenced).toBe(0);
    isAway = true;
    await timers.advance(36_000);
    expect([fenced, logger.events().filter((event) => event === 'process.fenced')]).toEqual([
      1,
      ['process.fenced'],
    ]);
    await beat.stop();
    expect(timers.pendingCount()).toBe(0);
  });

  it('B3 leaves although Redis does not answer', async () => {
    const timers = createManualTime();
    const fleet = { beat: async () => null, leave: () => new Promise<never>(() => undefined) };
    const logger = createRecordingLogger();
    const beat = createFleetBeat({ fleet, member: () => facts, logger, timers });
    await beat.start(new AbortController().signal);
    const stopped = beat.stop();
    await timers.advance(2_000);
    await stopped;
    expect(logger.events()).toEqual(['fleet.left-unheard']);
  });
});
