import {
  isTerminalTask,
  joineryError,
  TASK_STATUSES,
  type TaskKey,
  type TaskRow,
} from '@joinery/core';
import { z } from 'zod';

/*
 * A row as it stands in Redis: `<rev> <json>`. The JSON leaves out what is empty, zero or false, so that a row is short
 * and so that no empty list or object ever passes through Lua, whose JSON cannot tell the two apart.
 */

const text = z.string().default('');
const count = z.number().int().default(0);
const flag = z.boolean().default(false);
const taskKey = z.custom<TaskKey>((value) => typeof value === 'string');

/** What limits a task, as rows, letters and jobs carry it. */
export const storedLimits = z.object({
  gate: z.string(),
  max: z.number(),
  rate: z.number(),
  perMs: z.number(),
  key: z.string(),
  keyMax: z.number(),
  circuit: z
    .object({
      target: z.string(),
      failurePercent: z.number(),
      minCalls: z.number(),
      windowMs: z.number(),
      openMs: z.number(),
      probes: z.number(),
      whenOpen: z.enum(['WAIT', 'FAIL']),
    })
    .exactOptional(),
});

const storedRow = z.object({
  key: taskKey,
  ref: z.string(),
  iteration: count,
  type: z.string(),
  name: text,
  queue: z.string().exactOptional(),
  seq: count,
  status: z.enum(TASK_STATUSES),
  attempt: count,
  dispatch: count,
  deliveries: count,
  maxDeliveries: count,
  token: text,
  worker: text,
  isSettled: flag,
  isTail: flag,
  joins: z.record(z.string(), z.number()).default({}),
  isOptional: flag,
  isPermissive: flag,
  priority: count,
  timeoutMs: count,
  responseTimeoutMs: count,
  pollTimeoutMs: count,
  cursor: count,
  origin: z.object({ fork: taskKey, index: z.number() }).nullable().default(null),
  attemptsBefore: z.number().int().exactOptional(),
  groupTries: z.number().int().exactOptional(),
  hasGivenInput: z.boolean().exactOptional(),
  shadow: z.enum(['reset', 'retry', 'skip']).exactOptional(),
  reason: text,
  scheduledAt: count,
  firstScheduledAt: count,
  startedAt: count,
  endedAt: count,
  limits: storedLimits.exactOptional(),
});

/** Which moments the script stamps with its own now: `s`cheduledAt, `f`irstScheduledAt, `e`ndedAt. */
export function stampsOf(row: TaskRow, isFresh: boolean): string {
  const ended = isTerminalTask(row.status) && row.endedAt === 0 ? 'e' : '';
  return `${isFresh ? 's' : ''}${isFresh && row.firstScheduledAt === 0 ? 'f' : ''}${ended}`;
}

/** The JSON of a row, without its revision. A fresh row leaves `scheduledAt` to the script. */
export function encodeRow(row: TaskRow, isFresh = false): string {
  const { rev: _rev, ...stored } = row;
  const fields = Object.entries(isFresh ? { ...stored, scheduledAt: 0 } : stored);
  const kept = fields.filter(([, value]) => !isLeftOut(value));
  const found = Object.fromEntries(kept);
  const json = JSON.stringify(found);
  // Half a character is written as an escape, whole ones are not: hardly any row has to be written with care.
  return json.includes('\\ud') ? JSON.stringify(found, wholeCharacters) : json;
}

/** A row from its text. Throws JN_STORE_CORRUPT when it is not one. */
export function decodeRow(stored: string): TaskRow {
  const space = stored.indexOf(' ');
  const rev = Number(stored.slice(0, space));
  try {
    if (space < 1 || !Number.isSafeInteger(rev)) throw new Error('a row begins with its revision');
    return { ...storedRow.parse(JSON.parse(stored.slice(space + 1))), rev };
  } catch (cause) {
    throw joineryError(
      'JN_STORE_CORRUPT',
      { key: 'of a task row', problem: String(cause) },
      { cause },
    );
  }
}

const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Half a character, as a text cut at a limit may end with, is an escape that Lua's parser refuses. */
function wholeCharacters(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(LONE_SURROGATE, '\ufffd') : value;
}

/** Only fields of the row itself are left out: inside `joins` a 0 is a number like any other. */
function isLeftOut(value: unknown): boolean {
  if (value === 0 || value === '' || value === false || value === null) return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
