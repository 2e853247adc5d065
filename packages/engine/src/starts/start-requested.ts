import { parseStartWorkflowRequest, startRequestOf } from '@joinery/contract';
import {
  isJsonObject,
  isTerminalRun,
  type Json,
  type JsonObject,
  requestedRunOf,
  type RunId,
  type RunState,
  type StartChildLetter,
  type StartRunLetter,
} from '@joinery/core';
import { type AddressedLetter } from '../letters/addressed-letter.ts';
import { storeResult } from '../tasks/store-result.ts';
import { nudge } from '../letters/nudge.ts';
import { createRun, type CreatedRun, type CreateRequest } from './create-run.ts';
import { isRefusal, refusalOf } from '../decisions/deterministic-error.ts';
import { type Engine } from '../engine.ts';

type StartLetter = StartChildLetter | StartRunLetter;

/**
 * Starts the run that a task asks for, unless the attempt is over; answers the letters of that run. A start that is
 * refused fails the attempt with the reason.
 */
export async function startRequested(
  engine: Engine,
  runId: RunId,
  letter: StartLetter,
): Promise<readonly AddressedLetter[]> {
  const asked = await inputOf(engine, runId, letter);
  if (asked === null) return [];
  const result = { runId, key: letter.key, attempt: letter.attempt, token: letter.to } as const;
  let created: CreatedRun;
  try {
    created = await createRun(engine, requestOf(asked.run, letter, asked.input));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await storeResult(engine, {
      ...result,
      status: 'FAILED',
      output: {},
      reason: refusalOf(error),
    });
    return [];
  }
  if (letter.type === 'start-run') {
    const output = { workflowId: created.runId };
    await storeResult(engine, { ...result, status: 'COMPLETED', output, reason: '' });
  }
  if (created.hasMore) await nudge(engine, [created.runId]);
  return created.letters;
}

/** The attempt's run and input, as long as the attempt waits for the run of this letter. */
async function inputOf(
  engine: Engine,
  runId: RunId,
  { key, attempt, to }: StartLetter,
): Promise<{ readonly run: RunState; readonly input: JsonObject } | null> {
  const run = await engine.store.find(runId);
  if (run === null || isTerminalRun(run.status) || run.closing !== null) return null;
  const field = `i:${key}` as const;
  const found = await engine.store.read(runId, { rows: [key], data: [field], arrivals: [] });
  const row = found?.rows.get(key) ?? null;
  if (row === null || row.attempt !== attempt || requestedRunOf(row) !== to) return null;
  const input = found?.data.get(field);
  return { run, input: isJsonObject(input ?? {}) ? asObject(input) : {} };
}

function asObject(input: unknown): JsonObject;
function asObject(input: unknown): unknown {
  return input ?? {};
}

function requestOf(run: RunState, letter: StartLetter, input: JsonObject): CreateRequest {
  return letter.type === 'start-child'
    ? childRequest(run, letter, input)
    : runRequest(run, letter, input);
}

/** The task's input, as the decider has written it. An inline definition is marked as Conductor marks it. */
function childRequest(run: RunState, letter: StartChildLetter, input: JsonObject): CreateRequest {
  const { subWorkflowName: name, subWorkflowVersion: version, priority } = input;
  const { subWorkflowDefinition: definition, workflowInput } = input;
  const given = isJsonObject(workflowInput) ? workflowInput : {};
  const isInline = isJsonObject(definition);
  const taskToDomain = domainsIn(input['subWorkflowTaskToDomain']) ?? run.domains;
  return {
    name: typeof name === 'string' ? name : '',
    ...(typeof version === 'number' ? { version } : {}),
    ...(isInline ? { definition } : {}),
    input: isInline ? { ...given, _systemMetadata: { dynamic: true } } : given,
    correlationId: run.correlationId,
    priority: typeof priority === 'number' ? priority : run.priority,
    traceId: run.traceId,
    ...(taskToDomain !== undefined && { taskToDomain }),
    runId: letter.to,
    parent: {
      runId: run.id,
      key: letter.key,
      attempt: letter.attempt,
      depth: (run.parent?.depth ?? 0) + 1,
    },
  };
}

/** Null: it has none of its own, and those of its parent are for it, too. */
function domainsIn(written: Json | undefined): Readonly<Record<string, string>> | null {
  if (written === undefined || !isJsonObject(written)) return null;
  const entries = Object.entries(written).flatMap(([taskType, domain]): [string, string][] =>
    typeof domain === 'string' ? [[taskType, domain]] : [],
  );
  return Object.fromEntries(entries);
}

function runRequest(run: RunState, letter: StartRunLetter, input: JsonObject): CreateRequest {
  const { correlationId, domains } = run;
  const fields = startRequestOf(parseStartWorkflowRequest(input['startWorkflow']));
  return {
    ...(correlationId === '' ? {} : { correlationId }),
    ...(domains !== undefined && { taskToDomain: domains }),
    ...fields,
    runId: letter.to,
  };
}
