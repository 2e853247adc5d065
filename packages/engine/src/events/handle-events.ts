/*
 * Ownership: an event belongs to its stream until it is done with; nothing is kept here.
 * Interface: handleEvents, by any number of processes, as often as they like.
 * Invariants:
 *  E1 an event is done with only after each active handler of its sink has had its effects, or can never have them.
 *  E2 an event that is handled again has no second effect.
 *  E3 a store that is away leaves the event; any other failure is told and costs that effect alone.
 */
import { type EventHandler, parseEventHandler } from '@joinery/contract';
import { isJoineryError, isJsonObject } from '@joinery/core';
import { type EventLog, type ReceivedEvent, type StoredHandler } from '@joinery/store';
import { type Engine } from '../engine.ts';
import { applyEventAction } from './event-action.ts';

/** Longer than the slowest handler takes: the event of a process that died comes again after it. */
const LEFT_AFTER_MS = 30_000;
/** Of one sink at a time: the others are not to wait for long. */
const PAGE = 32;

/**
 * Takes events that have been published, or with `isLeft` those that a process has taken and not done with, and lets
 * the registered handlers have their effects. Answers how many events were done with.
 */
export async function handleEvents(
  engine: Engine,
  { isLeft = false }: { readonly isLeft?: boolean } = {},
): Promise<number> {
  if (engine.events === undefined) return 0;
  const { log } = engine.events;
  const handlers = (await log.handlers()).flatMap((stored) => readable(engine, stored));
  const sinks = [...new Set(handlers.map(({ event }) => event))];
  const idleMs = isLeft ? LEFT_AFTER_MS : null;
  const events = await log.receive({ sinks, limit: PAGE, idleMs });
  let doneCount = 0;
  for (const event of events) {
    const mine = handlers.filter(({ event: sink }) => sink === event.sink);
    if (!(await handleEvent(engine, { log, event, handlers: mine }))) continue;
    await log.done(event);
    doneCount += 1;
  }
  return doneCount;
}

function readable(engine: Engine, { name, definition }: StoredHandler): readonly EventHandler[] {
  try {
    const handler = parseEventHandler(definition);
    return handler.active ? [handler] : [];
  } catch (err) {
    const fields = { event: 'event-handler.unreadable', handler: name, err };
    engine.logger.error(fields, 'a stored event handler cannot be read; register it again');
    return [];
  }
}

interface Handled {
  readonly log: EventLog;
  readonly event: ReceivedEvent;
  readonly handlers: readonly EventHandler[];
}

/** False: the event is to come again. */
async function handleEvent(engine: Engine, { log, event, handlers }: Handled): Promise<boolean> {
  let isDone = true;
  for (const { name: handler, condition = '', actions } of handlers) {
    const applies = await tried(engine, { event, handler }, () => isMet(engine, event, condition));
    if (applies === 'later') isDone = false;
    if (applies !== true) continue;
    for (const [index, action] of actions.entries()) {
      const effect = { log, event, handler, index, action };
      const outcome = await tried(engine, effect, () => applyEventAction(engine, effect));
      if (outcome === 'later') isDone = false;
    }
  }
  return isDone;
}

async function tried<T>(
  engine: Engine,
  { event, handler }: { readonly event: ReceivedEvent; readonly handler: string },
  work: () => Promise<T>,
): Promise<T | 'later' | 'never'> {
  try {
    return await work();
  } catch (err) {
    // A run that has ended needs no end: the event came again, or too late.
    if (isJoineryError(err, 'JN_RUN_ENDED')) return 'never';
    const isAway = isJoineryError(err) && err.category === 'StoreUnavailable';
    const fields = { event: 'event.unhandled', eventId: event.id, handler, err };
    if (isAway) engine.logger.warn(fields, 'an event will be handled again');
    else engine.logger.error(fields, 'an event handler can have no effect; look at its actions');
    return isAway ? 'later' : 'never';
  }
}

async function isMet(engine: Engine, event: ReceivedEvent, condition: string): Promise<boolean> {
  if (condition.trim() === '') return true;
  if (engine.evaluator === undefined) throw new Error('this process runs no scripts');
  const { id, payload: input } = event;
  const evaluation = { id, language: 'javascript', script: condition, input } as const;
  const result = await engine.evaluator.evaluate(evaluation);
  if (!result.ok) throw new Error(result.reason);
  const { value } = result;
  return Array.isArray(value) || isJsonObject(value) || Boolean(value);
}
