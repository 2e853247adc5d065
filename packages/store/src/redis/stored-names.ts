import {
  type Json,
  type JsonObject,
  parseRunId,
  type RunId,
  type TaskKey,
  taskKeyOf,
  TIMER_KINDS,
  type TimerId,
} from '@joinery/core';
import { z } from 'zod';

/** A run id as Redis holds it. */
export const storedRunId = z.custom<RunId>(
  (value) => typeof value === 'string' && parseRunId(value) !== null,
);

/** A task key as Redis holds it: any text, since only the definition language restricts it. */
export const storedTaskKey = z.string().transform((text): TaskKey => taskKeyOf(text));

/** A timer id as Redis holds it. */
export const storedTimerId = z.custom<TimerId>(
  (value) => typeof value === 'string' && isTimerId(value),
);

/** JSON that the store has written itself. */
export const storedJson = z.custom<Json>((value) => value !== undefined);

/** The same, known to be an object. */
export const storedObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null,
);

function isTimerId(text: string): text is TimerId {
  return text === 'run' || TIMER_KINDS.some((kind) => text.startsWith(`${kind}:`));
}
