import {
  type CancelChildLetter,
  isJoineryError,
  isJsonObject,
  isTerminalRun,
  joineryError,
  type RunId,
} from '@joinery/core';
import { type AddressedLetter } from './addressed-letter.ts';
import { type Engine } from '../engine.ts';
import { operateOnRun } from '../operations/operate-on-run.ts';

/**
 * Terminates the child of an attempt that is over. A child that does not exist yet is made as one that has ended: the
 * letter that starts it may be slower than this one, and then finds it so.
 */
export async function cancelChild(
  engine: Engine,
  parentId: RunId,
  letter: CancelChildLetter,
): Promise<readonly AddressedLetter[]> {
  const { to: runId, reason } = letter;
  if ((await engine.store.find(runId)) === null) await buryChild(engine, parentId, letter);
  const child = await engine.store.find(runId);
  if (child === null || isTerminalRun(child.status)) return [];
  try {
    const operation = { type: 'terminate', reason } as const;
    const { letters } = await operateOnRun(engine, {
      runId,
      operation,
      requestId: `cancel-${runId}`,
    });
    return letters;
  } catch (error) {
    if (isJoineryError(error) && OVER.has(error.code)) return [];
    throw error;
  }
}

/** The child has ended by itself in the meantime, and is perhaps gone. */
const OVER: ReadonlySet<string> = new Set(['JN_RUN_ENDED', 'JN_RUN_NOT_FOUND']);

async function buryChild(
  engine: Engine,
  parentId: RunId,
  { to: id, key, attempt, reason }: CancelChildLetter,
): Promise<void> {
  const parent = await engine.store.find(parentId);
  if (parent === null) throw joineryError('JN_RUN_NOT_FOUND', { runId: parentId });
  const input = await engine.store.payload(parentId, `i:${key}`);
  const name = isJsonObject(input ?? {}) ? nameIn(input) : key;
  const depth = (parent.parent?.depth ?? 0) + 1;
  await engine.store.start({
    run: {
      id,
      definition: name,
      definitionVersion: 0,
      planId: '',
      priority: parent.priority,
      correlationId: parent.correlationId,
      idempotencyKey: '',
      traceId: parent.traceId,
      parent: { runId: parentId, key, attempt, depth },
      input: {},
      variables: {},
    },
    commands: [
      { type: 'patch-run', patch: { status: 'TERMINATED', reason } },
      { type: 'record', event: { type: 'run.started', definition: name, version: 0 } },
      { type: 'record', event: { type: 'run.ended', status: 'TERMINATED', reason } },
    ],
    nonce: engine.entropy.randomId(),
    hasMore: false,
    actor: engine.actor('cancel-child'),
  });
}

function nameIn(input: unknown): string {
  const name = typeof input === 'object' && input !== null && 'subWorkflowName' in input;
  return name ? String(input.subWorkflowName) : '';
}
