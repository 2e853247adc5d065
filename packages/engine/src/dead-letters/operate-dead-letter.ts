import { joineryError, type JsonObject } from '@joinery/core';
import { type Agenda } from '@joinery/store';
import { type Engine } from '../engine.ts';
import { bodyOf, changeEntry } from '../schedules/agenda-ports.ts';
import { deadEventOf, type DeadLetter, type DeadLetterEvent, letterOf } from './dead-letter.ts';

/** What dead letters stand on. */
export interface DeadLetterParts {
  readonly engine: Engine;
  readonly deadLetters: Agenda;
}

/** Who does something to a letter, and why; both are kept. */
export interface Hand {
  readonly actor: string;
  readonly reason: string;
}

const EVENTS_LIMIT = 200;
/** How soon a closed letter is looked at: it goes when its run is gone. */
const CLOSED_LOOK_MS = 86_400_000;
/** Replays per second when nobody says otherwise. */
const PER_SECOND = 10;

/** Letters, the newest first. */
export async function listDeadLetters(
  { deadLetters }: Pick<DeadLetterParts, 'deadLetters'>,
  {
    status = 'open',
    definition,
  }: { readonly status?: DeadLetter['status'] | 'all'; readonly definition?: string } = {},
): Promise<readonly DeadLetter[]> {
  return (await deadLetters.list(''))
    .map(({ body }) => letterOf(body))
    .filter((letter) => status === 'all' || letter.status === status)
    .filter((letter) => definition === undefined || letter.definition === definition)
    .toSorted((a, b) => b.diedAt - a.diedAt);
}

/** A letter and its audit, the newest line first. Throws JN_LETTER_NOT_FOUND. */
export async function getDeadLetter(
  { deadLetters }: Pick<DeadLetterParts, 'deadLetters'>,
  id: string,
): Promise<{ readonly letter: DeadLetter; readonly events: readonly DeadLetterEvent[] }> {
  const found = await deadLetters.find(id);
  if (found === null) throw joineryError('JN_LETTER_NOT_FOUND', { letter: id });
  const lines = await deadLetters.log(id, EVENTS_LIMIT);
  return { letter: letterOf(found.body), events: lines.map(deadEventOf) };
}

/** What the next replay gives the task instead of its input. Throws JN_LETTER_NOT_FOUND, JN_LETTER_CLOSED. */
export async function editDeadLetter(
  parts: DeadLetterParts,
  id: string,
  { input, ...hand }: Hand & { readonly input: JsonObject },
): Promise<DeadLetter> {
  return change(parts, id, 'edited', hand, (letter, now) => ({
    letter: { ...letter, newInput: input },
    dueAt: letter.status === 'replaying' ? now : null,
  }));
}

/**
 * Asks for the task to be run again, in the same run and under the same idempotency key. Idempotent: a letter is replayed
 * once; of one that has been replayed already JN_LETTER_CLOSED is thrown.
 */
export async function replayDeadLetter(
  parts: DeadLetterParts,
  id: string,
  { afterMs = 0, ...hand }: Hand & { readonly afterMs?: number },
): Promise<DeadLetter> {
  return change(parts, id, 'replay-asked', hand, (letter, now) =>
    letter.status === 'replaying'
      ? null
      : { letter: { ...letter, status: 'replaying' }, dueAt: now + afterMs },
  );
}

/** The same for many, so many per second; answers how many were asked for. What is not open is left out. */
export async function replayDeadLetters(
  parts: DeadLetterParts,
  {
    ids,
    perSecond = PER_SECOND,
    ...hand
  }: Hand & { readonly ids: readonly string[]; readonly perSecond?: number },
): Promise<number> {
  const open = new Set((await listDeadLetters(parts)).map((letter) => letter.id));
  const wanted = ids.filter((id) => open.has(id));
  for (const [index, id] of wanted.entries()) {
    const afterMs = Math.floor((index * 1_000) / perSecond);
    await replayDeadLetter(parts, id, { ...hand, afterMs });
  }
  return wanted.length;
}

/** Closes a letter without doing anything about it. The reason must say why; JN_REQUEST_INVALID without one. */
export async function discardDeadLetter(
  parts: DeadLetterParts,
  id: string,
  hand: Hand,
): Promise<DeadLetter> {
  if (hand.reason.trim() === '') {
    const problem = 'a letter is discarded for a reason only';
    throw joineryError('JN_REQUEST_INVALID', { what: 'reason', problem });
  }
  return change(parts, id, 'discarded', hand, (letter, now) => ({
    letter: { ...letter, status: 'discarded' },
    dueAt: now + CLOSED_LOOK_MS,
  }));
}

async function change(
  { engine, deadLetters }: DeadLetterParts,
  id: string,
  type: DeadLetterEvent['type'],
  { actor, reason }: Hand,
  next: (
    letter: DeadLetter,
    now: number,
  ) => { readonly letter: DeadLetter; readonly dueAt: number | null } | null,
): Promise<DeadLetter> {
  const parts = { engine, agenda: deadLetters };
  const changed = await changeEntry(parts, { id, read: letterOf }, (letter, now) => {
    if (letter === null) throw joineryError('JN_LETTER_NOT_FOUND', { letter: id });
    if (letter.status === 'replayed' || letter.status === 'discarded') {
      throw joineryError('JN_LETTER_CLOSED', { letter: id, status: letter.status });
    }
    const wanted = next(letter, now);
    if (wanted === null) return null;
    return {
      state: wanted.letter,
      dueAt: wanted.dueAt,
      log: [bodyOf({ type, at: now, actor, reason })],
    };
  });
  if (changed === null) throw joineryError('JN_LETTER_NOT_FOUND', { letter: id });
  return changed;
}
