/*
 * Ownership: a letter belongs to nobody between its commits; a taker has it for itself for 5 s.
 * Invariants:
 *  L1 a replay reruns the attempt of its letter and no later one: what has been rerun already is not rerun again.
 *  L2 a replay that is refused opens the letter again and says why; nothing leaves without a reason.
 *  L3 a closed letter goes when its run is gone.
 */
import { isJoineryError, type JoineryError } from '@joinery/core';
import { type AgendaEntry } from '@joinery/store';
import { operateRun } from '../operations/operate-run.ts';
import { bodyOf } from '../schedules/agenda-ports.ts';
import { type DeadLetter, type DeadLetterEvent, letterOf, presentRows } from './dead-letter.ts';
import { type DeadLetterParts } from './operate-dead-letter.ts';

const TAKE_LIMIT = 50;
const CLOSED_LOOK_MS = 86_400_000;

/** Replays what is due, and lets closed letters go; answers how many letters were looked at. */
export async function replayDue(parts: DeadLetterParts, signal?: AbortSignal): Promise<number> {
  const { now, entries } = await parts.deadLetters.takeDue(TAKE_LIMIT);
  const failures: unknown[] = [];
  for (const entry of entries) {
    if (signal?.aborted) break;
    await lookAt(parts, entry, now).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) {
    throw new AggregateError(failures, `${failures.length} dead letters could not be looked at`);
  }
  return entries.length;
}

async function lookAt(parts: DeadLetterParts, entry: AgendaEntry, now: number): Promise<void> {
  const { engine, deadLetters } = parts;
  const letter = letterOf(entry.body);
  const guard = { id: entry.id, from: entry.revision, revision: engine.entropy.randomId() };
  if (letter.status !== 'replaying') {
    const isKept = letter.status === 'open' || (await engine.store.find(letter.runId)) !== null;
    const body = isKept ? entry.body : null;
    await deadLetters.commit({ ...guard, body, dueAt: isKept ? now + CLOSED_LOOK_MS : null });
    return;
  }
  const event = await replay(parts, letter, now);
  const isDone = event.type === 'replayed';
  await deadLetters.commit({
    ...guard,
    body: bodyOf({ ...letter, status: isDone ? 'replayed' : 'open' }),
    dueAt: isDone ? now + CLOSED_LOOK_MS : null,
    log: [bodyOf(event)],
  });
  engine.meters.replayed(isDone ? 'replayed' : 'refused');
}

async function replay(
  { engine }: DeadLetterParts,
  letter: DeadLetter,
  now: number,
): Promise<DeadLetterEvent> {
  const { id, runId, key, attempt, newInput } = letter;
  const line = { at: now, actor: engine.actor('replay') };
  const row = presentRows(await engine.store.rows(runId)).find((each) => each.key === key);
  // Somebody has begun it anew: a taker before this one, or an operator.
  if (row !== undefined && row.attempt !== attempt) {
    return { ...line, type: 'replayed', reason: `attempt ${row.attempt} has taken its place` };
  }
  try {
    await operateRun(engine, {
      runId,
      operation: {
        type: 'rerun',
        key,
        ...(newInput === undefined ? {} : { taskInput: newInput }),
        reason: `replay of dead letter ${id}`,
      },
      requestId: `replay:${id}`,
      actor: line.actor,
    });
    return { ...line, type: 'replayed', reason: 'rerun in its run' };
  } catch (error) {
    if (!isJoineryError(error) || error.category === 'StoreUnavailable') throw error;
    return { ...line, ...refused(error) };
  }
}

/** A run that has been opened again takes every failed task of it along. */
function refused(error: JoineryError): Pick<DeadLetterEvent, 'type' | 'reason'> {
  const reason = `${error.code}: ${error.message}`;
  return { type: error.code === 'JN_RUN_NOT_ENDED' ? 'replayed' : 'replay-refused', reason };
}
