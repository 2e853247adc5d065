import { runIdOf, type RunId } from '@joinery/core';
import { createEngine, type EnginePorts, type Engine } from '@joinery/engine';
import { createManualTime, createRecordingLogger, createSeededEntropy } from '@joinery/kit';
import { createInMemoryJobQueue } from '@joinery/queues';
import {
  createMemoryDefinitionStore,
  createMemoryNudges,
  createMemoryStore,
  type LoadReply,
} from '@joinery/store';
import { eventually } from '@joinery/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { createJoinCoordinator, type JoinCoordinatorOptions } from './join-coordinator.ts';

const runs = Array.from({ length: 10 }, (_, index) => runIdOf(0, `runrunrun${index}`));
const [first = runIdOf(0, 'runrunrun'), second = runIdOf(0, 'runrunrun')] = runs;

const { signal } = new AbortController();

type Load = (runId: RunId) => Promise<LoadReply>;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A coordinator whose decisions consist of one load, which the test answers. */
async function coordinatorOver(load: Load, options: JoinCoordinatorOptions = {}) {
  const time = createManualTime(1_000_000);
  const store = createMemoryStore({ partitions: 1, now: () => time.now() });
  const ports: EnginePorts = {
    store: { ...store, load: ({ runId }) => load(runId) },
    definitions: createMemoryDefinitionStore(),
    queue: createInMemoryJobQueue({ clock: time }),
    nudges: createMemoryNudges(),
    locks: 'fused',
    clock: time,
    entropy: createSeededEntropy(1),
    logger: createRecordingLogger(),
    processId: 'p',
  };
  const engine: Engine = createEngine(ports, time);
  const service = createJoinCoordinator(engine, { timers: time, popWaitMs: 50, ...options });
  await service.start(signal);
  stops.push(async () => {
    await service.drain();
    await service.stop();
  });
  return { engine, service, time };
}

const clean: LoadReply = { type: 'clean', status: 'RUNNING' };
const busy: LoadReply = { type: 'busy', waitedMs: 0 };

/** A load that answers when it is told to. */
function heldLoad() {
  const waiting: (() => void)[] = [];
  const loaded: RunId[] = [];
  const load: Load = async (runId) => {
    loaded.push(runId);
    await new Promise<void>((resolve) => waiting.push(resolve));
    return clean;
  };
  const releaseAll = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  return { load, loaded, waiting, releaseAll };
}

describe('the join coordinator', () => {
  it('decides the runs for which nudges come in', async () => {
    const loaded: RunId[] = [];
    const { engine } = await coordinatorOver(async (runId) => {
      loaded.push(runId);
      return clean;
    });
    await engine.nudges.push([first, second]);
    await eventually(() => expect(loaded).toEqual([first, second]));
  });

  it('C1 decides a run once at a time, and again for a nudge that came meanwhile', async () => {
    const { load, loaded, releaseAll, waiting } = heldLoad();
    const { engine } = await coordinatorOver(load);
    await engine.nudges.push([first]);
    await eventually(() => expect(waiting).toHaveLength(1));
    await engine.nudges.push([first, first, second]);
    await eventually(() => expect(loaded).toEqual([first, second]));
    releaseAll();
    await eventually(() => expect(loaded).toEqual([first, second, first]));
    releaseAll();
  });

  it('C2 makes no more decisions at a time than it may', async () => {
    const { load, loaded, releaseAll } = heldLoad();
    const { engine } = await coordinatorOver(load, { concurrency: 3 });
    await engine.nudges.push(runs);
    await eventually(() => expect(loaded).toHaveLength(3));
    releaseAll();
    await eventually(() => expect(loaded).toHaveLength(6));
    releaseAll();
    await eventually(() => expect(loaded).toHaveLength(9));
    releaseAll();
    await eventually(() => expect(new Set(loaded).size).toBe(10));
    releaseAll();
  });

  it('C3 asks again for a busy run after half the time to try, and not before', async () => {
    const answers = [busy, clean];
    const loaded: RunId[] = [];
    const { engine, time } = await coordinatorOver(async (runId) => {
      loaded.push(runId);
      return answers.shift() ?? clean;
    });
    await engine.nudges.push([first]);
    await eventually(() => expect(loaded).toHaveLength(1));
    await time.advance(249);
    expect(loaded).toHaveLength(1);
    await time.advance(1);
    await eventually(() => expect(loaded).toHaveLength(2));
  });

  it('C3 asks again for a busy run at the next nudge, and not once more when the time has passed', async () => {
    const answers = [busy, clean];
    const loaded: RunId[] = [];
    const { engine, time } = await coordinatorOver(async (runId) => {
      loaded.push(runId);
      return answers.shift() ?? clean;
    });
    await engine.nudges.push([first]);
    await eventually(() => expect(loaded).toHaveLength(1));
    await time.advance(10);
    await engine.nudges.push([first]);
    await eventually(() => expect(loaded).toHaveLength(2));
    await time.advance(1_000);
    expect(loaded).toHaveLength(2);
  });

  it('C4 goes on after a decision that failed, and after nudges that could not be read', async () => {
    const loaded: RunId[] = [];
    const { engine, time } = await coordinatorOver(async (runId) => {
      loaded.push(runId);
      if (loaded.length === 1) throw new Error('Redis is away');
      return clean;
    });
    const nudges = { ...engine.nudges };
    let failures = 0;
    Object.assign(engine.nudges, {
      pop: (...args: Parameters<typeof nudges.pop>) => {
        failures += 1;
        return failures === 1 ? Promise.reject(new Error('away')) : nudges.pop(...args);
      },
    });
    await engine.nudges.push([first]);
    await eventually(() => expect(loaded).toHaveLength(1));
    await engine.nudges.push([second]);
    await eventually(async () => {
      await time.advance(100);
      expect(loaded).toEqual([first, second]);
    });
  });

  it('finishes what it has begun when it drains, and gives back what it has not', async () => {
    const { load, loaded, releaseAll } = heldLoad();
    const { engine, service } = await coordinatorOver(load, { concurrency: 2 });
    await engine.nudges.push([first]);
    await eventually(() => expect(loaded).toEqual([first]));
    // Popped and kept, because the first is still being decided.
    await engine.nudges.push([first]);
    await engine.nudges.push([second]);
    const drained = service.drain();
    releaseAll();
    await drained;
    const left = await engine.nudges.pop(0, 10, signal);
    expect([loaded, left.toSorted()]).toEqual([[first], [first, second]]);
  });

  it('forgets a busy run when it stops, gives its nudge back, and leaves no timer', async () => {
    let loads = 0;
    const { engine, service, time } = await coordinatorOver(async () => {
      loads += 1;
      return busy;
    });
    await engine.nudges.push([first]);
    await eventually(() => expect([loads, time.pendingCount()]).toEqual([1, 1]));
    await service.drain();
    await service.stop();
    expect(await engine.nudges.pop(0, 10, signal)).toEqual([first]);
    expect(time.pendingCount()).toBe(0);
    await time.advance(1_000);
    expect(loads).toBe(1);
  });

  it('stops at once with a decision that hangs, and leaves no timer', async () => {
    const { load, loaded } = heldLoad();
    const { engine, service, time } = await coordinatorOver(load);
    await engine.nudges.push([first]);
    await eventually(() => expect(loaded).toEqual([first]));
    const stopping = service.stop();
    await time.advance(1_000);
    await stopping;
    expect(time.pendingCount()).toBe(0);
    stops.length = 0;
  });

  it('survives being started and stopped many times', async () => {
    for (let count = 0; count < 30; count += 1) {
      const { engine, service, time } = await coordinatorOver(async () => busy);
      await engine.nudges.push(runs);
      await service.drain();
      await service.stop();
      expect(time.pendingCount()).toBe(0);
    }
  });
});
