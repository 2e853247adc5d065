import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLoop, type LoopOptions } from './loop.ts';
import { createManualTime } from './manual-time.ts';
import { createRecordingLogger } from './recording-logger.ts';

function loopOf(pass: LoopOptions['pass'], intervalMs = 100) {
  const time = createManualTime();
  const logger = createRecordingLogger();
  const loop = createLoop({
    name: 'sweep',
    intervalMs: () => intervalMs,
    pass,
    logger,
    timers: time,
    random: () => 1,
  });
  return { time, logger, loop };
}

/** A pass that ends only when told to. */
function heldPass() {
  const ends: (() => void)[] = [];
  const pass = (): Promise<void> =>
    new Promise((resolve) => {
      ends.push(resolve);
    });
  return { pass, ends };
}

describe('loop', () => {
  it('passes at once and then every interval, from end to start', async () => {
    const moments: number[] = [];
    const { time, loop } = loopOf(async () => {
      moments.push(time.now());
      await new Promise<void>((resolve) => {
        time.after(30, resolve);
      });
    });
    loop.start();
    loop.start();
    await time.advance(300);
    expect(moments).toEqual([0, 130, 260]);
  });

  it('reads the interval anew after each pass', async () => {
    const intervals = [10, 50, 1_000];
    const moments: number[] = [];
    const time = createManualTime();
    const loop = createLoop({
      name: 'tuned',
      intervalMs: () => intervals.shift() ?? 1_000,
      pass: async () => void moments.push(time.now()),
      logger: createRecordingLogger(),
      timers: time,
    });
    loop.start();
    await time.advance(100);
    expect(moments).toEqual([0, 10, 60]);
  });

  it('L1: never overlaps, however often it is woken', async () => {
    const { pass, ends } = heldPass();
    const { time, loop } = loopOf(pass);
    loop.start();
    loop.wake();
    for (let round = 0; round < 10; round += 1) {
      loop.wake();
      await time.advance(500);
    }
    expect(ends).toHaveLength(1);
  });

  it('wakes early', async () => {
    const moments: number[] = [];
    const { time, loop } = loopOf(async () => void moments.push(time.now()));
    loop.start();
    await time.advance(40);
    loop.wake();
    await time.advance(100);
    expect(moments).toEqual([0, 40, 140]);
  });

  it('L2: passes again at once when it was woken during a pass, and once only', async () => {
    const { pass, ends } = heldPass();
    const { time, loop } = loopOf(pass);
    loop.start();
    await time.advance(0);
    loop.wake();
    loop.wake();
    ends[0]?.();
    await time.advance(0);
    expect(ends).toHaveLength(2);
    ends[1]?.();
    await time.advance(99);
    expect(ends).toHaveLength(2);
  });

  it('L2: takes a wake from within the pass itself', async () => {
    let count = 0;
    const { time, loop } = loopOf(async () => {
      count += 1;
      if (count < 4) loop.wake();
    });
    loop.start();
    await time.advance(99);
    expect(count).toBe(4);
  });

  it('L3: survives a pass that throws, logs it, and backs off', async () => {
    const moments: number[] = [];
    const { time, loop, logger } = loopOf(async () => {
      moments.push(time.now());
      if (moments.length <= 3) throw new Error(`broken ${moments.length}`);
    });
    loop.start();
    await time.advance(50);
    loop.wake();
    await time.advance(850);
    expect(moments).toEqual([0, 100, 300, 700, 800, 900]);
    expect(logger.events()).toEqual(['pass.failed', 'pass.failed', 'pass.failed']);
    expect(logger.lines.map((line) => line.count)).toEqual([1, 2, 3]);
  });

  it('L3: survives a pass that throws before it awaits anything', async () => {
    let count = 0;
    const { time, loop } = loopOf(() => {
      count += 1;
      throw new Error('at once');
    });
    loop.start();
    await time.advance(100);
    expect(count).toBe(2);
  });

  it('L4: stops within its bound even if the pass hangs, and begins no other', async () => {
    const { pass, ends } = heldPass();
    const { time, loop } = loopOf(pass);
    loop.start();
    await time.advance(0);
    const stopped = loop.stop(1_000);
    await time.advance(1_000);
    expect(await stopped).toBe(false);
    ends[0]?.();
    loop.wake();
    await time.advance(1_000);
    expect(ends).toHaveLength(1);
    expect(time.pendingCount()).toBe(0);
  });

  it('L4: tells the pass to end, waits for it, and is quiet about how it ended', async () => {
    const { time, loop, logger } = loopOf(
      (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('interrupted'));
          });
        }),
    );
    loop.start();
    await time.advance(0);
    expect(await loop.stop(1_000)).toBe(true);
    expect(logger.events()).toEqual([]);
    expect(time.pendingCount()).toBe(0);
  });

  it('does not start after it was stopped, and may be stopped twice', async () => {
    let count = 0;
    const { time, loop } = loopOf(async () => {
      count += 1;
    });
    expect([await loop.stop(10), await loop.stop(10)]).toEqual([true, true]);
    loop.start();
    loop.wake();
    await time.advance(1_000);
    expect(count).toBe(0);
  });

  it('holds L1 and L4 under any sequence of starts, wakes, stops and waits', async () => {
    const step = fc.oneof(
      fc.constant('start' as const),
      fc.constant('wake' as const),
      fc.constant('stop' as const),
      fc.integer({ min: 0, max: 250 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const seen = { running: 0, overlaps: 0, count: 0 };
        const { time, loop } = loopOf(async () => {
          seen.count += 1;
          seen.running += 1;
          if (seen.running > 1) seen.overlaps += 1;
          await new Promise<void>((resolve) => {
            time.after(30, resolve);
          });
          seen.running -= 1;
          if (seen.count % 3 === 0) throw new Error('every third');
        });
        for (const each of steps) {
          if (each === 'start') loop.start();
          else if (each === 'wake') loop.wake();
          else if (each === 'stop') void loop.stop(50);
          else await time.advance(each);
        }
        const stopped = loop.stop(50);
        const countAtStop = seen.count;
        await time.advance(10_000);
        expect(await stopped).toBe(true);
        expect(seen).toEqual({ running: 0, overlaps: 0, count: countAtStop });
        expect(time.pendingCount()).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
