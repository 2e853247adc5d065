import type { TaskKey } from './ids.ts';

/** What a committed transition asks another slot to do; delivered at least once, idempotent at the receiver. */
export type Letter = DispatchLetter;

/** "Look at this task attempt": becomes a BullMQ job. Leaves the outbox when the attempt is claimed or closed. */
export interface DispatchLetter {
  readonly type: 'dispatch';
  readonly key: TaskKey;
  readonly ref: string;
  readonly taskType: string;
  readonly attempt: number;
  readonly dispatch: number;
  readonly priority: number;
}

/** Deterministic id of a letter inside its run's outbox. */
export function letterIdOf(letter: Letter): string {
  return `${letter.type}:${letter.key}`;
}
