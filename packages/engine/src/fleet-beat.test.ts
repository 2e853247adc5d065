import { createManualTime, createRecordingLogger } from '@joinery/kit';
import { type Member } from '@joinery/store';
import { describe, expect, it } from 'vitest';
import { createFleetBeat } from './fleet-beat.ts';

describe('the beat of a process', () => {
  it('says starting, ready, draining, and leaves', async () => {
    const timers = createManualTime();
    const said: string[] = [];
    const fleet = {
      beat: async (member: Member) => void said.push(member.phase),
      leave: async (id: string) => {
        said.push(`${id} left`);
        return { live: 0 };
      },
      live: async () => [],
    };
    const facts = {
      id: 'p1',
      roles: [],
      host: 'h',
      pid: 1,
      startedAt: 0,
      taskTypes: [],
      inflight: 0,
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
});
