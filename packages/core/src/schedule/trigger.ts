import { Cron } from 'croner';
import { isoMoment } from './iso-moment.ts';

/** When a schedule fires. Cron in five or six fields (seconds first), or one of the four calendar periods. */
export type Trigger =
  | { readonly cron: string; readonly zone: string }
  /** From `anchorAt` on, every so many ms of real time. */
  | { readonly everyMs: number; readonly anchorAt: number }
  /** The session is the begin of the period, the firing comes at its own cron within it. */
  | { readonly cron: string; readonly periodCron: string; readonly zone: string };

/** One firing of a schedule. */
export interface Firing {
  /** What the run is about: the begin of the hour or day for periods, else the planned moment. ms since epoch. */
  readonly sessionAt: number;
  /** The planned moment. */
  readonly plannedAt: number;
}

/** Longer than any pattern that a person writes. */
const MAX_CRON = 200;
const CRON_SHAPE = /^\S+(?:\s+\S+){4,5}$/;
/** croner looks for a firing this far ahead at most; a pattern such as `0 0 31 2 *` has none. */
const cache = new Map<string, Cron>();
const CACHE_SIZE = 1_000;

/** Why a cron pattern or its zone cannot be used; null when it can. */
export function cronProblem(pattern: string, zone: string): string | null {
  const text = pattern.trim();
  if (text.length > MAX_CRON || !CRON_SHAPE.test(text)) {
    return `${JSON.stringify(pattern.slice(0, MAX_CRON))} has not five or six fields`;
  }
  try {
    // The zone is read at the first calculation only.
    cronOf(text, zone).nextRun(isoMoment(0));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * The first firing after a moment; null when none is left. Pure: the zone rules of the machine are the only input besides.
 * Where a clock is set forward, a fixed time within the gap fires at its end; where it is set back, a fixed time fires
 * once, the first time. Patterns with a step, range or list go on in real time (croner 11, after Vixie cron).
 */
export function firingAfter(triggers: readonly Trigger[], after: number): Firing | null {
  const firings = triggers.map((trigger) => nextOf(trigger, after));
  return best(firings, (a, b) => a.plannedAt < b.plannedAt);
}

/** The last firing before a moment; null when there was none. */
export function firingBefore(triggers: readonly Trigger[], before: number): Firing | null {
  const firings = triggers.map((trigger) => previousOf(trigger, before));
  return best(firings, (a, b) => a.plannedAt > b.plannedAt);
}

function best(
  firings: readonly (Firing | null)[],
  isBetter: (a: Firing, b: Firing) => boolean,
): Firing | null {
  return firings.reduce((found, firing) => {
    if (firing === null) return found;
    return found === null || isBetter(firing, found) ? firing : found;
  }, null);
}

function nextOf(trigger: Trigger, after: number): Firing | null {
  if ('everyMs' in trigger) {
    const { anchorAt, everyMs } = trigger;
    const count = Math.max(0, Math.floor((after - anchorAt) / everyMs) + 1);
    return sameMoment(anchorAt + count * everyMs);
  }
  const found = cronOf(trigger.cron, trigger.zone).nextRun(isoMoment(after));
  return found === null ? null : firingAt(trigger, found.getTime());
}

function previousOf(trigger: Trigger, before: number): Firing | null {
  if ('everyMs' in trigger) {
    const { anchorAt, everyMs } = trigger;
    const count = Math.ceil((before - anchorAt) / everyMs) - 1;
    return count < 0 ? null : sameMoment(anchorAt + count * everyMs);
  }
  const found = cronBefore(trigger.cron, trigger.zone, before);
  return found === null ? null : firingAt(trigger, found);
}

function firingAt(trigger: Exclude<Trigger, { everyMs: number }>, plannedAt: number): Firing {
  if (!('periodCron' in trigger)) return sameMoment(plannedAt);
  // Firings are whole seconds: the begin of a period that fires at its begin is before the next second.
  const sessionAt = cronBefore(trigger.periodCron, trigger.zone, plannedAt + 1_000);
  return { plannedAt, sessionAt: sessionAt ?? plannedAt };
}

function sameMoment(at: number): Firing {
  return { sessionAt: at, plannedAt: at };
}

function cronBefore(pattern: string, zone: string, before: number): number | null {
  // croner looks at whole seconds before the one in which the reference is.
  const [found] = cronOf(pattern, zone).previousRuns(
    1,
    isoMoment(Math.ceil(before / 1_000) * 1_000),
  );
  return found?.getTime() ?? null;
}

/** Compiled patterns: reading one costs ten times as much as asking it. */
function cronOf(pattern: string, zone: string): Cron {
  const key = `${zone}\0${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (cache.size >= CACHE_SIZE) cache.clear();
  const cron = new Cron(pattern, { mode: '5-or-6-parts', timezone: zone, paused: true });
  cache.set(key, cron);
  return cron;
}
