import { describe, expect, it } from 'vitest';
import { fork, simple, startFlow, type Flow } from '../../../test/flow.ts';

const two = (): Flow =>
  startFlow([...fork('f', [[simple('a'), simple('c')], [simple('b')]], ['c', 'b'])]);

describe('an operator', () => {
  it('pauses: what is claimed goes on, nothing new is scheduled, and resuming picks it up', () => {
    const flow = two().claim('a');
    expect(flow.operate('pause')).toBeNull();
    expect(flow.operate('pause')).toBeNull();
    flow.finish('a');
    expect(flow.row('c')).toBeUndefined();
    expect(flow.operate('resume')).toBeNull();
    expect(flow.row('c')?.status).toBe('SCHEDULED');
    expect(flow.finish('c').finish('b').status).toBe('COMPLETED');
    expect(flow.events('run.paused')).toHaveLength(1);
    expect(flow.events('run.resumed')).toHaveLength(1);
  });

  it('lets timers wait while paused', () => {
    const flow = startFlow([simple('a', { startDelay: 1 })]);
    flow.operate('pause');
    expect(flow.pass(60_000).waiting).toEqual([]);
    flow.operate('resume');
    expect(flow.waiting).toEqual(['a']);
  });

  it('does not let a paused run ask for more, however much waits', () => {
    const refs = Array.from({ length: 600 }, (_, i) => `b${i}`);
    const branches = refs.map((ref) => [simple(ref), simple(`${ref}x`)]);
    const flow = startFlow([...fork('f', branches, [])]);
    for (const ref of refs) flow.store(ref);
    flow.operate('pause');
    expect(flow.decideOnce()).toMatchObject({ isEmpty: true, hasMore: false });
    flow.operate('resume');
    expect(flow.waiting).toHaveLength(600);
  });

  it.each(['RUNNING', 'PAUSED'])('terminates a run that is %s', (state) => {
    const flow = two().claim('a');
    if (state === 'PAUSED') flow.operate('pause');
    expect(flow.operate('terminate', 'stop it')).toBeNull();
    expect(flow.status).toBe('TERMINATED');
    expect(flow.reason).toBe('stop it');
    expect(flow.model.openKeys()).toEqual([]);
    expect(flow.waiting).toEqual([]);
  });

  it('is told what is not legal in a state', () => {
    const running = two();
    expect(running.operate('resume')).toBe('JN_RUN_NOT_PAUSED');
    const ended = startFlow([simple('a')]).finish('a');
    for (const type of ['pause', 'resume', 'terminate'] as const) {
      expect(ended.operate(type)).toBe('JN_RUN_ENDED');
    }
    running.operate('terminate');
    expect(running.operate('terminate')).toBeNull();
    expect(running.operate('pause')).toBe('JN_RUN_ENDED');
    expect(running.events('run.ended')).toHaveLength(1);
  });

  it('changes nothing about a run that is closing already', () => {
    const flow = two();
    flow.store('a', 'FAILED');
    flow.decideOnce();
    expect(flow.model.run.closing?.status).toBe('FAILED');
    for (const type of ['pause', 'resume', 'terminate'] as const) flow.operate(type);
    expect(flow.status).toBe('FAILED');
    expect(flow.events('run.ended')).toHaveLength(1);
  });
});
