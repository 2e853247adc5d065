import { conductorTaskIdOf, conductorWorkflowOf } from '@joinery/contract';
import {
  isJsonObject,
  joineryError,
  type Json,
  type JsonObject,
  type RunId,
  type RunState,
  type StartFailureRunLetter,
  type TaskRow,
} from '@joinery/core';
import { type AddressedLetter } from './addressed-letter.ts';
import { createRun, type CreatedRun } from '../starts/create-run.ts';
import { isRefusal } from '../decisions/deterministic-error.ts';
import { type Engine } from '../engine.ts';
import { nudge } from './nudge.ts';
import { plainJson } from '../definitions/plain-json.ts';
import { readPayloads } from '../decisions/read-payloads.ts';

/** Bytes that the picture of the failed run may have in the input of its failure workflow. */
const PICTURE_LIMIT = 256 * 1024;

/**
 * Starts the failure workflow of a run that has ended; answers the letters of the new run. A start that is refused (no
 * such workflow) is logged and counted: the letter says nothing else the next time.
 */
export async function startFailureRun(
  engine: Engine,
  runId: RunId,
  letter: StartFailureRunLetter,
): Promise<readonly AddressedLetter[]> {
  const failed = await engine.store.find(runId);
  if (failed === null) return [];
  let created: CreatedRun;
  try {
    created = await createRun(engine, {
      name: letter.name,
      ...(letter.version === null ? {} : { version: letter.version }),
      input: await failureInput(engine, failed, letter),
      correlationId: failed.correlationId,
      priority: failed.priority,
      traceId: failed.traceId,
      ...(failed.domains !== undefined && { taskToDomain: failed.domains }),
      runId: letter.to,
    });
  } catch (err) {
    if (!isRefusal(err)) throw err;
    engine.meters.failureRunRefused();
    engine.logger.error(
      { event: 'failure-run.refused', runId, definition: letter.name, err },
      'the failure workflow of a run cannot be started',
    );
    return [];
  }
  if (created.hasMore) await nudge(engine, [created.runId]);
  return created.letters;
}

/**
 * Failure workflows of failure workflows. One that names itself by mistake ends here; nobody has so many on purpose.
 */
const DEPTH_LIMIT = 8;

/** Conductor 3.30's: the failed run's own input, then why, where, and the run as a whole. */
async function failureInput(
  engine: Engine,
  failed: RunState,
  { task }: StartFailureRunLetter,
): Promise<JsonObject> {
  const given = asObject(await engine.store.payload(failed.id, 'run:input'));
  const { failedWorkflow: _theirs, failureDepth = 0, ...input } = given;
  const depth = Number(failureDepth) + 1;
  if (depth > DEPTH_LIMIT) {
    const facts = { task: 'failureWorkflow', runId: failed.id, limit: DEPTH_LIMIT };
    throw joineryError('JN_RUN_TOO_DEEP', facts);
  }
  const rows = await engine.store.rows(failed.id);
  const attempt = Math.max(1, ...rows.filter(({ key }) => key === task).map((row) => row.attempt));
  const taskId = task === null ? '' : conductorTaskIdOf({ runId: failed.id, key: task, attempt });
  return {
    ...input,
    workflowId: failed.id,
    reason: failed.reason,
    failureStatus: failed.status,
    ...(task === null ? {} : { failureTaskId: taskId }),
    failureDepth: depth,
    failedWorkflow: await pictureOf(engine, failed, { rows, input }),
  };
}

/** The run as Conductor would show it; without its tasks' payloads, then without its tasks, where it would be too large. */
async function pictureOf(
  engine: Engine,
  run: RunState,
  { rows, input }: { readonly rows: readonly TaskRow[]; readonly input: Json },
): Promise<Json> {
  const { store } = engine;
  const output = await store.payload(run.id, 'run:output');
  const variables = await store.payload(run.id, 'run:variables');
  const view = { run, rows, input, output, variables };
  const payloads = await readPayloads(engine, run.id, rows);
  const pictures = [{ ...view, payloads }, view, { ...view, rows: [] }];
  for (const picture of pictures) {
    const json = plainJson(conductorWorkflowOf(picture));
    if (JSON.stringify(json).length <= PICTURE_LIMIT) return json;
  }
  return { workflowId: run.id, status: run.status, reasonForIncompletion: run.reason };
}

function asObject(value: Json | null): JsonObject {
  return value !== null && isJsonObject(value) ? value : {};
}
