import { describe, expect, it } from 'vitest';
import { createServiceGroup, type Service } from './lifecycle.ts';
import { createRecordingLogger } from './recording-logger.ts';
import { exitCodes, type ProcessEvent, type ProcessHost, runProcess } from './run-process.ts';

function createHost() {
  const listeners = new Map<ProcessEvent, Set<(cause: unknown) => void>>();
  const exits: number[] = [];
  const host: ProcessHost = {
    on: (event, listener) => {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));
    },
    off: (event, listener) => {
      listeners.get(event)?.delete(listener);
    },
    exit: (code) => exits.push(code),
  };
  const send = (event: ProcessEvent, cause?: unknown): void => {
    for (const listener of listeners.get(event) ?? []) listener(cause);
  };
  const listenerCount = (): number =>
    [...listeners.values()].reduce((sum, set) => sum + set.size, 0);
  return { host, send, exits, listenerCount };
}

function processOf(service: Partial<Service>) {
  const logger = createRecordingLogger();
  const outside = createHost();
  const calls: string[] = [];
  const whole: Service = {
    name: 'one',
    start: async () => void calls.push('start'),
    drain: async () => void calls.push('drain'),
    stop: async () => void calls.push('stop'),
    ...service,
  };
  const group = createServiceGroup({
    services: [whole],
    logger,
    drainTimeoutMs: 20,
    stopTimeoutMs: 20,
  });
  return {
    ...outside,
    logger,
    calls,
    run: (more: { readonly broken?: AbortSignal } = {}) =>
      runProcess({ group, logger, host: outside.host, ...more }),
  };
}

describe('process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('stops in order on %s and answers 0', async (name) => {
    const running = processOf({});
    const code = running.run();
    running.send(name);
    expect(await code).toBe(exitCodes.ok);
    expect(running.calls).toEqual(['start', 'drain', 'stop']);
    expect(running.exits).toEqual([]);
    expect(running.listenerCount()).toBe(0);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('leaves at once on a second signal, here %s', async (name, exitCode) => {
    const running = processOf({ drain: () => new Promise(() => undefined) });
    const code = running.run();
    running.send('SIGTERM');
    expect(running.exits).toEqual([]);
    running.send(name);
    expect(running.exits).toEqual([exitCode]);
    await code;
  });

  it('answers 0 when work was cut off at the drain bound: it will be delivered again', async () => {
    const running = processOf({ drain: () => new Promise(() => undefined) });
    const code = running.run();
    running.send('SIGTERM');
    expect(await code).toBe(exitCodes.ok);
    expect(running.logger.lines.at(-1)).toMatchObject({
      event: 'services.stopped',
      undrained: ['one'],
    });
  });

  it('stops in order and answers 1 when something in it says that it is broken', async () => {
    const running = processOf({});
    const broken = new AbortController();
    const code = running.run({ broken: broken.signal });
    broken.abort();
    expect(await code).toBe(exitCodes.failed);
    expect(running.calls).toEqual(['start', 'drain', 'stop']);
  });

  it('answers 1 when a service hangs in its stop', async () => {
    const running = processOf({ stop: () => new Promise(() => undefined) });
    const code = running.run();
    running.send('SIGTERM');
    expect(await code).toBe(exitCodes.failed);
  });

  it('answers 1 when a service does not start, and says why', async () => {
    const err = new Error('no Redis');
    const running = processOf({ start: () => Promise.reject(err) });
    expect(await running.run()).toBe(exitCodes.failed);
    expect(running.calls).toEqual(['stop']);
    expect(running.logger.lines.at(-1)).toMatchObject({ event: 'process.start-failed', err });
    expect(running.listenerCount()).toBe(0);
  });

  it('stops in the middle of a start', async () => {
    const running = processOf({
      start: (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('interrupted'));
          });
        }),
    });
    const code = running.run();
    running.send('SIGTERM');
    expect(await code).toBe(exitCodes.ok);
    expect(running.calls).toEqual(['stop']);
  });

  it.each(['uncaughtException', 'unhandledRejection'] as const)(
    'stops in order on an %s and answers 1',
    async (event) => {
      const running = processOf({});
      const code = running.run();
      const err = new Error('nobody caught me');
      running.send(event, err);
      expect(await code).toBe(exitCodes.failed);
      expect(running.calls).toEqual(['start', 'drain', 'stop']);
      expect(running.logger.lines).toContainEqual(
        expect.objectContaining({ event: 'process.broken', err }),
      );
    },
  );

  it('is ended from inside by its signal', async () => {
    const logger = createRecordingLogger();
    const inside = new AbortController();
    const { host } = createHost();
    const group = createServiceGroup({ services: [], logger, drainTimeoutMs: 20 });
    const code = runProcess({ group, logger, host, signal: inside.signal });
    inside.abort();
    expect(await code).toBe(exitCodes.ok);
  });
});
