import { type RunId, runIdOf } from '@joinery/core';
import { createManualTime, createRecordingLogger } from '@joinery/kit';
import { describe, expect, it } from 'vitest';
import { SentMarks } from './sent-marks.ts';

const letter = (letterId: string): { runId: RunId; letterId: string } => ({
  runId: runIdOf(0, 'runrunrun'),
  letterId,
});

function recordingMarks(markSent?: () => Promise<void>) {
  const calls: string[][] = [];
  const timers = createManualTime();
  const logger = createRecordingLogger();
  const store = {
    markSent: async (letters: readonly { letterId: string }[]): Promise<void> => {
      calls.push(letters.map(({ letterId }) => letterId));
      await markSent?.();
    },
  };
  return { marks: new SentMarks({ store, logger, timers }), calls, timers, logger };
}

describe('the buffer of sent marks', () => {
  it('marks what came within 100 ms in one call', async () => {
    const { marks, calls, timers } = recordingMarks();
    marks.add([letter('a')]);
    await timers.advance(99);
    marks.add([letter('b')]);
    expect(calls).toEqual([]);
    await timers.advance(1);
    expect(calls).toEqual([['a', 'b']]);
    expect(timers.pendingCount()).toBe(0);
  });

  it('marks what is left when it is closed, and leaves no timer', async () => {
    const { marks, calls, timers } = recordingMarks();
    marks.add([letter('a')]);
    await marks.close();
    expect([calls, timers.pendingCount()]).toEqual([[['a']], 0]);
  });

  it('drops marks that the store refuses, and goes on', async () => {
    let isAway = true;
    const { marks, calls, logger } = recordingMarks(async () => {
      if (isAway) throw new Error('away');
    });
    marks.add([letter('a')]);
    await marks.flush();
    isAway = false;
    marks.add([letter('b')]);
    await marks.flush();
    expect(calls).toEqual([['a'], ['b']]);
    expect(logger.events()).toEqual(['marks.lost']);
  });

  it('never puts more than 1,000 into a call', async () => {
    const { marks, calls } = recordingMarks();
    marks.add(Array.from({ length: 2_500 }, (_, index) => letter(String(index))));
    await marks.flush();
    expect(calls.map((call) => call.length)).toEqual([1_000, 1_000, 500]);
  });
});
