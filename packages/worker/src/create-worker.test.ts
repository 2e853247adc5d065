import { createMetrics, createRecordingLogger, settlesWithin } from '@joinery/kit';
import { type TaskJob } from '@joinery/queues';
import { type Member } from '@joinery/store';
import { eventually } from '@joinery/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { jobFor, ScriptedVerbs } from '../test/fixtures/desk.ts';
import { createWorker, type Worker, type WorkerSettings } from './create-worker.ts';
import { defineTask, type Task } from './define-task.ts';
import { echoTask } from './echo-task.ts';
import { type JobVerdict, type OpenJobFlow, type WorkerPorts } from './worker-ports.ts';

type Flow = Parameters<OpenJobFlow>[0];

/** Queues of our own port: a test hands over jobs by itself, and a close waits for their verdicts. */
class HandFedFlows {
  readonly flows = new Map<string, Flow>();
  readonly closed: string[] = [];
  readonly #given = new Set<Promise<JobVerdict>>();

  readonly open: OpenJobFlow = (flow) => {
    this.flows.set(flow.taskType, flow);
    return {
      close: async () => {
        this.closed.push(flow.taskType);
        await Promise.allSettled(this.#given);
      },
    };
  };

  give(type: string, over: Partial<TaskJob> = {}): Promise<JobVerdict> {
    const flow = this.flows.get(type);
    if (!flow) throw new Error(`nobody takes jobs of ${type}`);
    const verdict = flow.handle(jobFor(type, over));
    this.#given.add(verdict);
    return verdict;
  }
}

const idle = (type: string): Task =>
  defineTask({
    type,
    run: (_input, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      }),
  });

let worker: Worker | undefined;
afterEach(() => worker?.stop());

const open = async (
  options: Partial<WorkerSettings> = {},
  ports: Partial<WorkerPorts> = {},
): Promise<{
  worker: Worker;
  verbs: ScriptedVerbs;
  flows: HandFedFlows;
  events: () => string[];
}> => {
  const verbs = new ScriptedVerbs();
  const flows = new HandFedFlows();
  const logger = createRecordingLogger();
  const started = createWorker({
    tasks: [echoTask('echo'), idle('idle')],
    ports: { verbs, openJobs: flows.open, ...ports },
    workerId: 'w1',
    logger,
    metrics: createMetrics(),
    ...options,
    timings: {
      drainTimeoutMs: 20,
      handBackAfterMs: 20,
      slotWaitMs: 10,
      letGoMs: 20,
      ...options.timings,
    },
  });
  worker = started;
  await started.start();
  return { worker: started, verbs, flows, events: () => [...logger.events()] };
};

describe('a worker', () => {
  it('takes jobs of each of its types, with the concurrency of the type', async () => {
    const tasks = [defineTask({ type: 'a', concurrency: 3, run: () => 1 }), echoTask('b')];
    const { flows, worker: started } = await open({ tasks });
    expect([...flows.flows.values()].map((flow) => [flow.taskType, flow.concurrency])).toEqual([
      ['a', 3],
      ['b', 10],
    ]);
    expect(await flows.give('a')).toBe('done');
    expect(started.taskTypes).toEqual(['a', 'b']);
  });

  it('of a domain takes tasks of that domain alone, and HTTP like everybody', async () => {
    const tasks = [echoTask('b'), echoTask('HTTP')];
    const { flows, worker: started } = await open({ tasks, domain: 'eu' });
    expect([...flows.flows.keys()]).toEqual(['eu:b', 'HTTP']);
    expect(await flows.give('eu:b')).toBe('done');
    expect(started.taskTypes).toEqual(['eu:b', 'HTTP']);
  });

  it('runs no more at once than its own limit, and puts back what finds no place', async () => {
    const { flows, worker: started } = await open({ concurrency: 1 });
    void flows.give('idle');
    await eventually(() => started.inflightCount === 1);
    expect(await flows.give('echo')).toEqual({ putBackAfterMs: 10 });
  });

  it('ends a job with its own task and has those in hand to which it goes on', async () => {
    const { flows, verbs, worker: started } = await open({ concurrency: 1 });
    verbs.onComplete = (_args, { claimed, goOn }) => {
      const isOurs = goOn?.takes('idle') ?? false;
      const decided = { isDirty: false, version: 3, status: 'RUNNING', at: 1 } as const;
      return { type: 'decided', ...decided, ...(isOurs && { next: claimed }) };
    };
    expect(await flows.give('echo')).toBe('done');
    await eventually(() => verbs.completed.length === 1);
    expect(started.inflightCount).toBe(1);
    expect(await flows.give('echo')).toEqual({ putBackAfterMs: 10 });
    await started.stop();
    expect(verbs.handedBack).toHaveLength(1);
  });

  it('lets a task end to which it has gone on before it stops', async () => {
    const gate = new AbortController();
    const slow = defineTask({
      type: 'slow',
      run: () => new Promise((resolve) => gate.signal.addEventListener('abort', resolve)),
    });
    const tasks = [echoTask('echo'), slow];
    const {
      flows,
      verbs,
      worker: started,
    } = await open({
      tasks,
      timings: { drainTimeoutMs: 5_000 },
    });
    verbs.onComplete = (_args, { claimed, goOn }) => {
      const isOurs = goOn?.takes('slow') ?? false;
      const decided = { isDirty: false, version: 3, status: 'RUNNING', at: 1 } as const;
      return { type: 'decided', ...decided, ...(isOurs && { next: claimed }) };
    };
    expect(await flows.give('echo')).toBe('done');
    await eventually(() => verbs.completed.length === 1 && started.inflightCount === 1);
    const stopping = started.stop();
    expect(await settlesWithin(stopping, 50)).toBe(false);
    gate.abort();
    await stopping;
    expect([verbs.completed.length, verbs.handedBack]).toEqual([2, []]);
  });

  it('stops at once when nothing is in hand, and closes its ports last', async () => {
    const steps: string[] = [];
    const { worker: started, flows } = await open(
      { timings: { drainTimeoutMs: 60_000 } },
      { close: async () => void steps.push('closed') },
    );
    expect(await settlesWithin(started.stop(), 1_000)).toBe(true);
    expect([flows.closed, steps]).toEqual([['echo', 'idle'], ['closed']]);
  });

  it('lets handlers end before it stops', async () => {
    const gate = new EventTarget();
    const gated = defineTask({
      type: 'gated',
      run: () => new Promise((resolve) => gate.addEventListener('open', resolve)),
    });
    const {
      worker: started,
      verbs,
      flows,
    } = await open({
      tasks: [gated],
      timings: { drainTimeoutMs: 60_000 },
    });
    const verdict = flows.give('gated');
    await eventually(() => verbs.tokens.length === 1);
    const stopping = started.stop();
    gate.dispatchEvent(new Event('open'));
    await stopping;
    expect([await verdict, verbs.completed.length, verbs.handedBack.length]).toEqual([
      'done',
      1,
      0,
    ]);
  });

  it('hands back what does not end in time', async () => {
    const { worker: started, verbs, flows } = await open();
    const verdict = flows.give('idle');
    await eventually(() => verbs.tokens.length === 1);
    await started.stop();
    expect(await verdict).toBe('done');
    expect([verbs.handedBack.length, verbs.completed.length]).toEqual([1, 0]);
  });

  it('takes nothing new while it drains', async () => {
    const { worker: started, verbs, flows } = await open();
    void started.drain();
    expect(await flows.give('echo')).toEqual({ putBackAfterMs: 0 });
    expect(verbs.tokens).toEqual([]);
  });

  it('does not wait a second time when a group has drained it already', async () => {
    const { worker: started, verbs, flows } = await open({ timings: { drainTimeoutMs: 60_000 } });
    void flows.give('idle');
    await eventually(() => verbs.tokens.length === 1);
    void started.drain();
    expect(await settlesWithin(started.stop(), 1_000)).toBe(true);
    expect(verbs.handedBack).toHaveLength(1);
  });

  it('stops within its bound although handing back and closing hang', async () => {
    const hanging = new Promise<never>(() => undefined);
    const { worker: started, verbs, flows, events } = await open({}, { close: () => hanging });
    verbs.handBack = () => hanging;
    void flows.give('idle');
    await eventually(() => verbs.tokens.length === 1);
    expect(await settlesWithin(started.stop(), 2_000)).toBe(true);
    expect(events()).toContain('worker.stopped');
  });

  it('shows itself to the fleet while it lives, and says when it drains', async () => {
    const seen: string[] = [];
    const fleet = {
      beat: async (member: Member) => {
        seen.push(`${member.phase} ${member.roles.join()} ${member.taskTypes.join()}`);
        return null;
      },
      leave: async (id: string) => {
        seen.push(`left ${id}`);
        return { live: 0, isLast: false, generation: 0 };
      },
    };
    const { worker: started } = await open({}, { fleet });
    await eventually(() => seen.length === 2);
    await started.stop();
    expect(seen).toEqual([
      'starting worker echo,idle',
      'ready worker echo,idle',
      'draining worker echo,idle',
      'left w1',
    ]);
  });

  it('that cannot open its ports says why, and lets go of them', async () => {
    const steps: string[] = [];
    const opening = open(
      {},
      {
        open: () => Promise.reject(new Error('no route')),
        close: async () => void steps.push('closed'),
      },
    );
    await expect(opening).rejects.toThrow('no route');
    expect(steps).toEqual(['closed']);
  });

  it.each([
    [{ tasks: [] }, 'it has no tasks'],
    [{ tasks: [echoTask('a'), echoTask('a')] }, 'task type a is defined twice'],
    [{ timings: { claimLeaseMs: 1_999 } }, 'less than two beats'],
    [{ concurrency: 0 }, 'concurrency 0'],
  ])('is refused with options that cannot work: %o', async (options, said) => {
    await expect(open(options)).rejects.toThrow(said);
  });
});
