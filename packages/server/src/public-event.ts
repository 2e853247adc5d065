import { type RecordedEvent } from '@joinery/core';

/** An event without what would let a reader pose as a worker: tokens of claims. */
export function publicEvent(recorded: RecordedEvent): RecordedEvent {
  const { event } = recorded;
  return 'token' in event ? { ...recorded, event: { ...event, token: '' } } : recorded;
}
