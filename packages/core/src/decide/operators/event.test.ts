import type { JsonObject } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { type Flow, operator, simple, startFlow } from '../../../test/flow.ts';

const publish = (sink: string, more: JsonObject = {}): JsonObject =>
  operator('EVENT', 'tell', {
    sink,
    inputParameters: { order: '${workflow.input.order}' },
    ...more,
  });

const eventsOf = (flow: Flow): readonly unknown[] =>
  [...flow.model.letters.values()].filter(({ type }) => type === 'event');

describe('EVENT', () => {
  it.each([
    ['conductor', 'conductor:w:tell'],
    ['conductor:placed', 'conductor:w:placed'],
    ['redis:orders', 'redis:orders'],
    ['bullmq:orders', 'bullmq:orders'],
    ['redis:${workflow.input.order}', 'redis:7'],
  ])('with sink %s publishes to %s, and the run goes on', (sink, to) => {
    const flow = startFlow([publish(sink), simple('end')], { input: { order: 7 } });
    const payload = {
      order: 7,
      workflowInstanceId: flow.model.run.id,
      workflowType: 'w',
      workflowVersion: 1,
      correlationId: '',
      taskToDomain: {},
    };
    expect(eventsOf(flow)).toEqual([
      { type: 'event', key: 'tell', attempt: 1, part: '', sink: to, payload },
    ]);
    expect(flow.data('o:tell')).toEqual({ ...payload, event_produced: to });
    expect(flow.statuses).toEqual({ tell: 'COMPLETED', end: 'SCHEDULED' });
  });

  it.each(['${workflow.input.order}', 'redis:${workflow.input.bad}', '${workflow.input.none}'])(
    'that yields no sink fails for good: %s',
    (sink) => {
      const input = { order: 'kafka:orders', bad: 'a b{}' };
      const flow = startFlow([publish(sink), simple('end')], { input });
      expect([flow.status, flow.reason]).toEqual([
        'FAILED',
        expect.stringContaining('JN_EVENT_SINK'),
      ]);
      expect(eventsOf(flow)).toEqual([]);
    },
  );

  it('does not publish more than its limit', () => {
    const flow = startFlow([publish('redis:a')], { input: { order: 'x'.repeat(300_000) } });
    expect(flow.reason).toContain('JN_PAYLOAD_TOO_LARGE');
    expect(eventsOf(flow)).toEqual([]);
  });

  it('with asyncComplete waits until somebody completes it', () => {
    const flow = startFlow([publish('redis:a', { asyncComplete: true }), simple('end')]);
    expect(flow.statuses).toEqual({ tell: 'IN_PROGRESS' });
    expect(eventsOf(flow)).toHaveLength(1);
    flow.finish('tell', { heard: true });
    expect(flow.statuses).toEqual({ tell: 'COMPLETED', end: 'SCHEDULED' });
  });
});
