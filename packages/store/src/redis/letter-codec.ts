import { type DispatchLetter, type Letter, type RunId, type RunLetter } from '@joinery/core';
import { z } from 'zod';
import { type OutboxLetter } from '../run-findings.ts';
import { storedLimits } from '../row-codec.ts';
import { storedObject, storedRunId, storedTaskKey } from './stored-names.ts';

const dispatchLetter = z.object({
  type: z.literal('dispatch'),
  key: storedTaskKey,
  ref: z.string(),
  taskType: z.string(),
  attempt: z.number(),
  dispatch: z.number(),
  priority: z.number(),
  limits: storedLimits.exactOptional(),
});

const ofAttempt = { key: storedTaskKey, attempt: z.number() };
const toAttempt = { to: storedRunId, ...ofAttempt };
const runLetter = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start-child'), ...toAttempt }),
  z.object({ type: z.literal('start-run'), ...toAttempt }),
  z.object({
    type: z.literal('start-failure-run'),
    ...toAttempt,
    name: z.string(),
    version: z.number().nullable(),
    task: storedTaskKey.nullable(),
  }),
  z.object({ type: z.literal('notify-parent'), ...toAttempt }),
  z.object({ type: z.literal('cancel-child'), ...toAttempt, reason: z.string() }),
  z.object({
    type: z.literal('event'),
    ...ofAttempt,
    part: z.string(),
    sink: z.string(),
    payload: storedObject,
  }),
]);

const letter = z.union([dispatchLetter, runLetter]);
const stamped = z.object({ at: z.number() });

/** A dispatch letter from its JSON; `at` is left out. */
export function decodeDispatch(text: string): DispatchLetter {
  return dispatchLetter.parse(JSON.parse(text));
}

/** Whose outbox a letter stands in. */
interface Sender {
  readonly runId: RunId;
  readonly definition: string;
}

/** A letter as it stands in an outbox. Throws when it is not one. */
export function outboxLetter(sender: Sender, text: string): OutboxLetter {
  return posted(sender, text, (json): Letter => letter.parse(json));
}

/** The same for a letter that is known to be a dispatch. */
export function outboxDispatch(sender: Sender, text: string): OutboxLetter<DispatchLetter> {
  return posted(sender, text, (json): DispatchLetter => dispatchLetter.parse(json));
}

/** The same for a letter that is known to go to another run. */
export function outboxRunLetter(sender: Sender, text: string): OutboxLetter<RunLetter> {
  return posted(sender, text, (json): RunLetter => runLetter.parse(json));
}

function posted<Kind extends Letter>(
  { runId, definition }: Sender,
  text: string,
  parse: (json: unknown) => Kind,
): OutboxLetter<Kind> {
  const json: unknown = JSON.parse(text);
  return { runId, definition, letter: parse(json), at: stamped.parse(json).at };
}
