import { type HistoryEvent, parseRunId, type RecordedEvent, type RunStatus } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { describeEvent, type FollowedStore, followRun } from './follow-run.ts';

const runId =
  parseRunId('00-abcdefgh') ??
  (() => {
    throw new Error('no run id');
  })();

function recorded(version: number, event: HistoryEvent): RecordedEvent {
  return { version, at: 1, actor: 'test', event };
}

const paused = { type: 'run.paused', reason: '' } as const;

interface Followed {
  readonly id: string;
  readonly version: number;
  readonly status: RunStatus;
}

/** A store in which a run has one more event at each look, until it ends. */
function growingStore(length: number): FollowedStore<Followed> {
  let version = 0;
  return {
    find: async () => {
      version = Math.min(length, version + Math.ceil(length / 3));
      const status: RunStatus = version === length ? 'COMPLETED' : 'RUNNING';
      return { id: runId, version, status };
    },
    history: async (_runId, from, limit) =>
      Array.from({ length: Math.min(limit, version + 1 - from) }, (_, index) =>
        recorded(from + index, paused),
      ),
  };
}

async function onEvents(): Promise<void> {
  // Nobody listens.
}

describe('following a run', () => {
  it.each([3, 1_600])(
    'tells each of %i events once, in order, and ends with the run',
    async (count) => {
      const versions: number[] = [];
      const run = await followRun(growingStore(count), runId, {
        signal: new AbortController().signal,
        onEvents: async (events) => {
          versions.push(...events.map((event) => event.version));
        },
      });
      expect(run).toMatchObject({ status: 'COMPLETED' });
      expect(versions).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    },
  );

  it('ends with nothing when it is interrupted, and refuses a run that is not there', async () => {
    const interrupted = new AbortController();
    const store = { ...growingStore(1_000_000), history: async () => [] };
    const following = followRun(store, runId, { signal: interrupted.signal, onEvents });
    interrupted.abort();
    expect(await following).toBeNull();
    const empty: FollowedStore<Followed> = { ...store, find: async () => null };
    const signal = new AbortController().signal;
    await expect(followRun(empty, runId, { signal, onEvents })).rejects.toThrow('does not exist');
  });

  it('says what happened, and why, and keeps quiet about the plumbing', () => {
    const ended = { type: 'run.ended', status: 'FAILED', reason: 'no card' } as const;
    expect(describeEvent(recorded(1, ended))).toBe('FAILED: no card');
    const timer = { type: 'timer.ignored', timer: 't', reason: 'late' } as const;
    expect(describeEvent(recorded(2, timer))).toBeNull();
  });
});
