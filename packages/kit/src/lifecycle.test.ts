import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createServiceGroup, type Service } from './lifecycle.ts';
import { createManualTime } from './manual-time.ts';
import { createRecordingLogger } from './recording-logger.ts';

type Behaviour = 'ends' | 'hangs' | 'throws';
type Step = 'start' | 'drain' | 'stop';

const never = new Promise<never>(() => undefined);

function serviceOf(
  name: string,
  calls: string[],
  behaviour: Partial<Record<Step, Behaviour>> = {},
) {
  const act = (step: Step) => async (): Promise<void> => {
    calls.push(`${step} ${name}`);
    if (behaviour[step] === 'hangs') await never;
    if (behaviour[step] === 'throws') throw new Error(`${name} cannot ${step}`);
  };
  return { name, start: act('start'), drain: act('drain'), stop: act('stop') } satisfies Service;
}

function groupOf(services: readonly Service[]) {
  const time = createManualTime();
  const logger = createRecordingLogger();
  const group = createServiceGroup({
    services,
    logger,
    drainTimeoutMs: 1_000,
    stopTimeoutMs: 100,
    timers: time,
  });
  return { time, logger, group };
}

const clean = { undrained: [], hanging: [], failed: [] };

describe('service group', () => {
  it('G1: starts in order, drains all, and stops in reverse', async () => {
    const calls: string[] = [];
    const { group, time } = groupOf(['store', 'worker'].map((name) => serviceOf(name, calls)));
    await group.start();
    expect(await group.stop()).toEqual(clean);
    expect(calls).toEqual([
      'start store',
      'start worker',
      'drain store',
      'drain worker',
      'stop worker',
      'stop store',
    ]);
    expect(time.pendingCount()).toBe(0);
  });

  it('may be drained first; the stop goes on from there, and drains nothing again', async () => {
    const calls: string[] = [];
    const { group, time } = groupOf([
      serviceOf('a', calls),
      serviceOf('b', calls, { drain: 'hangs' }),
    ]);
    await group.start();
    const draining = group.drain();
    const stopped = group.stop();
    await time.advance(999);
    expect(calls).toEqual(['start a', 'start b', 'drain a', 'drain b']);
    await time.advance(1);
    await draining;
    expect(await stopped).toEqual({ ...clean, undrained: ['b'] });
    expect(calls.slice(4)).toEqual(['stop b', 'stop a']);
  });

  it('G2: stops those before it when one does not start, without draining what is not ready', async () => {
    const calls: string[] = [];
    const { group } = groupOf([
      serviceOf('store', calls),
      serviceOf('worker', calls, { start: 'throws' }),
      serviceOf('server', calls),
    ]);
    await expect(group.start()).rejects.toThrow('worker cannot start');
    expect(calls).toEqual([
      'start store',
      'start worker',
      'drain store',
      'stop worker',
      'stop store',
    ]);
  });

  it('G3: ends within its bound even if everything hangs, and names what hung', async () => {
    const calls: string[] = [];
    const hanging = { drain: 'hangs', stop: 'hangs' } as const;
    const { group, time, logger } = groupOf([
      serviceOf('a', calls, hanging),
      serviceOf('b', calls, hanging),
    ]);
    await group.start();
    const stopped = group.stop();
    await time.advance(1_200);
    expect(await stopped).toEqual({ undrained: ['a', 'b'], hanging: ['b', 'a'], failed: [] });
    expect(logger.lines.at(-1)).toMatchObject({ event: 'services.stopped', level: 'warn' });
    expect(time.pendingCount()).toBe(0);
  });

  it('G4: goes on stopping when one throws while draining or stopping', async () => {
    const calls: string[] = [];
    const { group } = groupOf([
      serviceOf('a', calls),
      serviceOf('b', calls, { drain: 'throws', stop: 'throws' }),
    ]);
    await group.start();
    expect(await group.stop()).toEqual({ ...clean, failed: ['b'] });
    expect(calls.slice(-2)).toEqual(['stop b', 'stop a']);
  });

  it('interrupts a start that hangs', async () => {
    const calls: string[] = [];
    const waiting: Service = {
      ...serviceOf('waiting', calls),
      start: (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('interrupted'));
          });
        }),
    };
    const { group } = groupOf([waiting, serviceOf('after', calls)]);
    const started = group.start().catch((error: unknown) => error);
    expect(await group.stop()).toEqual(clean);
    expect(await started).toEqual(new Error('interrupted'));
    expect(calls).toEqual(['stop waiting']);
  });

  it('G4: stops each begun service exactly once, under any behaviour and any moment of stopping', async () => {
    const behaviour = fc.constantFrom<Behaviour>('ends', 'hangs', 'throws');
    const behaviours = fc.record({ start: behaviour, drain: behaviour, stop: behaviour });
    await fc.assert(
      fc.asyncProperty(fc.array(behaviours, { maxLength: 4 }), fc.nat(3), async (each, stops) => {
        const calls: string[] = [];
        const services = each.map((one, index) => serviceOf(`s${index}`, calls, one));
        const { group, time } = groupOf(services);
        group.start().catch(() => undefined);
        if (stops > 0) await time.advance(stops);
        const reports = Promise.all([group.stop(), group.stop()]);
        await time.advance(1_000 + 100 * services.length);
        const [first, second] = await reports;
        expect(second).toBe(first);
        const of = (step: Step): string[] =>
          calls.filter((call) => call.startsWith(step)).map((call) => call.slice(step.length));
        expect(of('stop')).toEqual(of('start').toReversed());
        expect(time.pendingCount()).toBe(0);
      }),
    );
  });
});
