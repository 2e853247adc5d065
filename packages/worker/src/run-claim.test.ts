import { joineryError } from '@joinery/core';
import { eventually } from '@joinery/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { jobFor, key, runId, type TestDesk, testDesk } from '../test/fixtures/desk.ts';
import { defineTask } from './define-task.ts';
import { echoTask } from './echo-task.ts';
import { runClaim, runClaimed } from './run-claim.ts';
import { type JobVerdict } from './worker-ports.ts';
import { type TaskContext } from './task-context.ts';

let desk: TestDesk;
const open = (timings = {}): TestDesk => {
  desk = testDesk(timings);
  desk.keeper.start();
  return desk;
};
afterEach(async () => {
  await desk.keeper.stop(1_000);
  if (desk.keeper.count > 0) throw new Error('a claim was left behind');
});

const verdictOf = async (...args: Parameters<typeof runClaim>): Promise<JobVerdict> =>
  (await runClaim(...args)).verdict;
const unavailable = () =>
  joineryError('JN_REDIS_UNAVAILABLE', { address: 'here', operation: 'x', waitedMs: 1 });
/** Ends when its signal fires, as a well-behaved handler does. */
const obedient = defineTask({
  type: 'resize_image',
  run: (_input, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')));
    }),
});
const deaf = defineTask({ type: 'resize_image', run: () => new Promise(() => undefined) });

describe('a job', () => {
  it('whose attempt is claimed is run, completed with the token of the claim, and done', async () => {
    const { verbs } = open();
    expect(await verdictOf(desk, echoTask('resize_image'), jobFor())).toBe('done');
    const [token] = verbs.tokens;
    expect(verbs.completed).toEqual([
      { runId, key, attempt: 1, token, status: 'COMPLETED', output: { width: 10 }, reason: '' },
    ]);
  });

  it('shows its handler the secrets, and fails for good when one is not there', async () => {
    const { verbs } = open();
    verbs.reveal = async () => ({ key: 'hunter2' });
    await verdictOf(desk, echoTask('resize_image'), jobFor());
    verbs.reveal = () => Promise.reject(joineryError('JN_SECRET_MISSING', { name: 'KEY' }));
    await verdictOf(desk, echoTask('resize_image'), jobFor());
    expect(verbs.completed).toMatchObject([
      { status: 'COMPLETED', output: { key: 'hunter2' } },
      { status: 'FAILED_WITH_TERMINAL_ERROR', reason: expect.stringContaining('KEY') },
    ]);
  });

  it('is claimed under a new token each time', async () => {
    const { verbs } = open();
    await verdictOf(desk, echoTask('resize_image'), jobFor());
    await verdictOf(desk, echoTask('resize_image'), jobFor());
    expect(new Set(verbs.tokens).size).toBe(2);
  });

  it.each([
    { type: 'held', worker: 'w2' },
    { type: 'stale' },
    { type: 'gone' },
    { type: 'poison' },
  ] as const)('that is $type is done without running anything', async (reply) => {
    const { verbs, registry } = open();
    verbs.onClaim = () => reply;
    expect(await verdictOf(desk, echoTask('resize_image'), jobFor())).toBe('done');
    expect(verbs.completed).toEqual([]);
    expect(await registry.render()).toContain(`reply="${reply.type}"} 1`);
  });

  it('that comes too early is put back until it is time', async () => {
    const { verbs } = open();
    verbs.onClaim = () => ({ type: 'early', waitMs: 1_234 });
    const verdict = await verdictOf(desk, echoTask('resize_image'), jobFor());
    expect(verdict).toEqual({ putBackAfterMs: 1_234 });
  });

  it('whose claim gets no answer is put back', async () => {
    const { verbs, logger } = open();
    verbs.onClaim = () => {
      throw unavailable();
    };
    const verdict = await verdictOf(desk, echoTask('resize_image'), jobFor());
    expect(verdict).toEqual({ putBackAfterMs: 1_000 });
    expect(logger.events()).toEqual(['claim.failed']);
  });

  it('that names no task is dropped', async () => {
    const { verbs, logger } = open();
    const job = jobFor('resize_image', { taskId: 'nonsense' });
    expect(await verdictOf(desk, echoTask('resize_image'), job)).toBe('done');
    expect([verbs.tokens, logger.events()]).toEqual([[], ['job.refused']]);
  });
});

describe('the context of a handler', () => {
  it('tells it all about its attempt, under a key that no delivery changes', async () => {
    open();
    let seen: TaskContext | undefined;
    const task = defineTask({
      type: 'resize_image',
      run: (_input, ctx) => {
        seen = ctx;
        ctx.logger.info({ event: 'picture.resized' }, 'resized');
      },
    });
    await verdictOf(desk, task, jobFor());
    expect(seen).toMatchObject({
      runId,
      taskRef: 'resize',
      attempt: 1,
      delivery: 2,
      idempotencyKey: `${runId}/resize`,
      fencingToken: 7,
      traceId: 't1',
    });
    expect(desk.logger.lines[0]).toMatchObject({ runId, taskRef: 'resize', attempt: 1 });
  });

  it('passes a sign of life on to the store', async () => {
    const { verbs } = open();
    const task = defineTask({
      type: 'resize_image',
      run: async (_input, ctx) => {
        ctx.heartbeat();
        await eventually(() => verbs.beats.flat().some(({ isProgress }) => isProgress));
      },
    });
    await verdictOf(desk, task, jobFor());
    expect(verbs.completed[0]?.status).toBe('COMPLETED');
  });
});

describe('a result', () => {
  it('is offered again while the store is unavailable, and the claim is kept meanwhile', async () => {
    const { verbs } = open();
    verbs.onComplete = () => {
      if (verbs.completed.length < 3) throw unavailable();
      return { type: 'stored', isDirty: false };
    };
    await verdictOf(desk, echoTask('resize_image'), jobFor());
    expect(verbs.completed).toHaveLength(3);
    expect(new Set(verbs.completed.map(({ token }) => token)).size).toBe(1);
    expect(verbs.beats.length).toBeGreaterThan(3);
  });

  it('is given up when the store stays away for too long', async () => {
    const { verbs, logger } = open({ completeWithinMs: 1 });
    verbs.onComplete = () => {
      throw unavailable();
    };
    expect(await verdictOf(desk, echoTask('resize_image'), jobFor())).toBe('done');
    expect(logger.events()).toEqual(['result.dropped']);
  });

  it('that is too large fails the task for good, with the code', async () => {
    const { verbs } = open();
    verbs.onComplete = ({ status }) => {
      if (status !== 'COMPLETED') return { type: 'stored', isDirty: true };
      throw joineryError('JN_PAYLOAD_TOO_LARGE', { what: 'output', size: 9, limit: 1 });
    };
    await verdictOf(desk, echoTask('resize_image'), jobFor());
    expect(verbs.completed[1]).toMatchObject({
      status: 'FAILED_WITH_TERMINAL_ERROR',
      output: {},
      reason: expect.stringMatching(/^JN_PAYLOAD_TOO_LARGE: /u),
    });
  });

  it('that the store refuses in both forms is dropped and not offered for ever', async () => {
    const { verbs, logger } = open();
    verbs.onComplete = () => {
      throw joineryError('JN_PAYLOAD_TOO_LARGE', { what: 'output', size: 9, limit: 1 });
    };
    await verdictOf(desk, echoTask('resize_image'), jobFor());
    expect([verbs.completed.length, logger.events()]).toEqual([2, ['result.dropped']]);
  });

  it.each(['stale', 'gone'] as const)(
    'that is %s leaves its job to whoever has the attempt',
    async (type) => {
      // Where writes were lost, nobody has it, and nothing else would say so for up to 30 s.
      const { verbs } = open();
      verbs.onComplete = () => ({ type });
      const verdict = await verdictOf(desk, echoTask('resize_image'), jobFor());
      expect(verdict).toEqual({ putBackAfterMs: 0 });
      verbs.onClaim = () => ({ type });
      expect(await verdictOf(desk, echoTask('resize_image'), jobFor())).toBe('done');
    },
  );

  it('that comes too late is only counted', async () => {
    const { verbs, logger, registry } = open();
    verbs.onComplete = () => ({ type: 'stale' });
    await verdictOf(desk, echoTask('resize_image'), jobFor());
    expect(logger.events()).toEqual(['result.refused']);
    expect(await registry.render()).toContain(
      'worker_stale_results_total{task_type="resize_image"} 1',
    );
  });

  it('of a failure is logged with its error, and its payload is not', async () => {
    const { logger } = open();
    const task = defineTask({
      type: 'resize_image',
      run: () => {
        throw new Error('no disk');
      },
    });
    await verdictOf(desk, task, jobFor());
    expect(logger.lines).toMatchObject([
      { event: 'task.failed', reason: 'no disk', level: 'info' },
    ]);
    expect(JSON.stringify(logger.lines)).not.toContain('width');
  });
});

describe('an interrupted handler', () => {
  it('whose claim was lost sends no result and hands nothing back', async () => {
    const { verbs, registry } = open();
    verbs.onBeat = (items) => items.map(() => false);
    expect(await verdictOf(desk, obedient, jobFor())).toEqual({ putBackAfterMs: 0 });
    expect([verbs.completed, verbs.handedBack]).toEqual([[], []]);
    expect(await registry.render()).toContain('cause="claim-lost"} 1');
  });

  it('that still reaches a result sends it, and the store decides whether it counts', async () => {
    const { verbs } = open();
    verbs.onBeat = (items) => items.map(() => false);
    verbs.onComplete = () => ({ type: 'stale' });
    const stubborn = defineTask({
      type: 'resize_image',
      run: async (_input, { signal }) => {
        await eventually(() => signal.aborted);
        return { late: true };
      },
    });
    await verdictOf(desk, stubborn, jobFor());
    expect(verbs.completed).toMatchObject([{ output: { late: true } }]);
  });

  it('that ignores its signal gives its slot back all the same', async () => {
    const { verbs, logger } = open({ abandonAfterMs: 20 });
    verbs.onBeat = (items) => items.map(() => false);
    expect(await verdictOf(desk, deaf, jobFor())).toEqual({ putBackAfterMs: 0 });
    expect(logger.events()).toEqual(['claim.lost', 'handler.abandoned', 'handler.interrupted']);
  });

  it('is handed back with its token and dispatch when the worker shuts down', async () => {
    const { verbs, keeper } = open();
    const running = verdictOf(desk, obedient, jobFor());
    await eventually(() => keeper.count === 1);
    keeper.interruptAll();
    expect(await running).toBe('done');
    const [token] = verbs.tokens;
    expect(verbs.handedBack).toEqual([
      { runId, key, attempt: 1, token, dispatch: 1, definition: 'images', traceId: 't1' },
    ]);
    expect(verbs.completed).toEqual([]);
  });

  it('that ignores a shutdown is handed back after a short while', async () => {
    const { verbs, keeper } = open({ handBackAfterMs: 20, abandonAfterMs: 60_000 });
    const running = verdictOf(desk, deaf, jobFor());
    await eventually(() => keeper.count === 1);
    keeper.interruptAll();
    await running;
    expect(verbs.handedBack).toHaveLength(1);
  });

  it('is not even started when the claim came in during the shutdown', async () => {
    const { verbs, keeper } = open();
    let started = false;
    const task = defineTask({
      type: 'resize_image',
      run: () => {
        started = true;
      },
    });
    keeper.interruptAll();
    await verdictOf(desk, task, jobFor());
    expect([started, verbs.handedBack.length]).toEqual([false, 1]);
  });

  it('that cannot be handed back is left to its lease', async () => {
    const { verbs, keeper, logger } = open();
    verbs.onHandBack = () => {
      throw unavailable();
    };
    keeper.interruptAll();
    expect(await verdictOf(desk, obedient, jobFor())).toBe('done');
    expect(logger.events()).toEqual(['hand-back.failed']);
  });

  it('stops offering its result when the worker shuts down and the store is away', async () => {
    const { verbs, keeper, logger } = open();
    verbs.onComplete = () => {
      throw unavailable();
    };
    const running = verdictOf(desk, echoTask('resize_image'), jobFor());
    await eventually(() => verbs.completed.length > 0);
    keeper.interruptAll();
    await running;
    expect(logger.events()).toEqual(['result.dropped']);
  });
});

describe('a result that brings the next task', () => {
  const resize = echoTask('resize_image');
  const decided = {
    type: 'decided',
    isDirty: false,
    version: 3,
    status: 'RUNNING',
    at: 1,
  } as const;

  it('is offered the places of this worker, and goes on with the task that takes one', async () => {
    desk = testDesk({}, [resize]);
    desk.verbs.onComplete = (_args, { claimed, goOn }) => {
      expect([goOn?.takes('of another worker'), goOn?.takes('resize_image')]).toEqual([
        false,
        true,
      ]);
      return { ...decided, next: { ...claimed, token: goOn?.token ?? '' } };
    };
    const { verdict, next } = await runClaim(desk, resize, jobFor());
    expect(verdict).toBe('done');
    expect(next).toMatchObject({ task: resize, hop: 1 });
  });

  it('gives the place back when the store did not apply the decision', async () => {
    const narrow = defineTask({ type: 'resize_image', concurrency: 1, run: () => ({}) });
    desk = testDesk({}, [narrow]);
    desk.verbs.onComplete = (_args, { goOn }) => {
      expect(goOn?.takes('resize_image')).toBe(true);
      return { type: 'stored', isDirty: true };
    };
    expect((await runClaim(desk, narrow, jobFor())).next).toBeNull();
    expect(desk.places.take('resize_image')).toBe(narrow);
  });

  it('goes on no further than the limit, and not at all while the worker is stopping', async () => {
    desk = testDesk({ continuationLimit: 1 }, [resize]);
    const offers: boolean[] = [];
    desk.verbs.onComplete = (_args, { claimed, goOn }) => {
      offers.push(goOn?.takes('resize_image') ?? false);
      return offers.at(-1) ? { ...decided, next: claimed } : decided;
    };
    const { next } = await runClaim(desk, resize, jobFor());
    if (next === null) throw new Error('it did not go on');
    expect(await runClaimed(desk, next)).toEqual({ next: null, isForgotten: false });
    expect(offers).toEqual([true, false]);
    desk.places.close();
    expect((await runClaim(desk, resize, jobFor())).next).toBeNull();
  });
});
