import {
  type RunId,
  RUN_STATUSES,
  type Slice,
  type TaskKey,
  taskKeyOf,
  type TaskRow,
  type TimerId,
} from '@joinery/core';
import { z } from 'zod';
import { decodeRow } from '../row-codec.ts';
import { type LoadArgs, type LoadReply } from '../run-store.ts';
import { defineScript, taggedReply } from '../script.ts';
import { pairsOf, recordOf } from './record-codec.ts';
import { callScript, headArgs, type RedisScope, type ScriptKeys } from './redis-scope.ts';
import { storedTaskKey, storedTimerId } from './stored-names.ts';

const flag = z.number().transform((value) => value === 1);
const texts = z.array(z.string());

const script = defineScript({
  name: 'load-slice',
  keys: (keys: ScriptKeys) => keys,
  args: ({
    head,
    load,
  }: {
    readonly head: readonly (string | number)[];
    readonly load: LoadArgs;
  }) => [
    ...head,
    Number(load.isForced),
    load.lock?.token ?? '',
    load.lock?.leaseMs ?? 0,
    load.lock?.overtakeAfterMs ?? load.patienceMs ?? 0,
    Number(load.isAlone ?? false),
  ],
  reply: taggedReply({
    gone: {},
    clean: { status: z.enum(RUN_STATUSES) },
    busy: { waitedMs: z.number() },
    slice: {
      at: z.number(),
      fence: z.number(),
      loads: z.number(),
      flags: z.tuple([flag, flag, flag, flag]),
      record: texts,
      todo: z.array(storedTaskKey),
      due: z.array(storedTimerId),
      rows: z.array(z.string().nullable()),
      openRows: texts,
    },
  }),
});

/** Read what a decision about a run needs first; issues its fence and takes the run's lock. */
export async function loadSlice(scope: RedisScope, load: LoadArgs): Promise<LoadReply> {
  const reply = await callScript(scope, script, scope.keys.runScriptKeys(load.runId), {
    head: headArgs(scope, load.runId, load.actor),
    load,
  });
  if (reply.type !== 'slice') return reply;
  const { fence, loads, flags } = reply;
  const [isFullDue, hasLock] = flags;
  return { type: 'slice', slice: sliceOf(load.runId, reply), fence, loads, isFullDue, hasLock };
}

interface SliceParts {
  readonly at: number;
  readonly flags: readonly [boolean, boolean, boolean, boolean];
  readonly record: readonly string[];
  readonly todo: readonly TaskKey[];
  readonly due: readonly TimerId[];
  readonly rows: readonly (string | null)[];
  readonly openRows: readonly string[];
}

function sliceOf(runId: RunId, parts: SliceParts): Slice {
  const run = recordOf(runId, parts.record);
  const [, , hasMoreTodo, hasMoreOpen] = parts.flags;
  const openRows = pairsOf(parts.openRows).map(([, text]) => decodeRow(text));
  const openPage = run.closing === null ? null : { rows: openRows, hasMore: hasMoreOpen };
  return {
    run,
    // Open rows too: a decision presumes of every row that it puts the revision that it has read here.
    rows: new Map([...rowsOf(parts.rows), ...openRows.map((row) => [row.key, row] as const)]),
    data: new Map(),
    arrivals: new Map(),
    todo: parts.todo,
    hasMoreTodo,
    due: parts.due,
    openPage,
    whole: null,
    at: parts.at,
  };
}

function rowsOf(flat: readonly (string | null)[]): ReadonlyMap<TaskKey, TaskRow | null> {
  return new Map(
    pairsOf(flat).map(([key, text]) => [
      taskKeyOf(key ?? ''),
      text === null ? null : decodeRow(text),
    ]),
  );
}
