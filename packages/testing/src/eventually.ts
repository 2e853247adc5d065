import { setTimeout as delay } from 'node:timers/promises';

/** How long `eventually` waits and how often it looks. */
export interface EventuallyOptions {
  /** Default 5000. */
  readonly withinMs?: number;
  /** Default 10: short enough not to slow a test, long enough not to starve the code under test. */
  readonly everyMs?: number;
}

/**
 * Repeats `check` until it neither throws nor answers `false`, and gives its answer.
 * Fails after `withinMs` with the last reason as `cause`; a check that hangs counts as failed too.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { withinMs = 5_000, everyMs = 10 } = options;
  const startedAt = performance.now();
  let last: unknown = 'the first check did not return';
  let checkCount = 0;
  for (;;) {
    const leftMs = withinMs - (performance.now() - startedAt);
    if (leftMs <= 0) break;
    checkCount += 1;
    const outcome = await attempt(check, leftMs);
    if (outcome.ok) return outcome.value;
    last = outcome.reason;
    await delay(Math.min(everyMs, Math.max(leftMs, 1)));
  }
  const reason = last instanceof Error ? last.message : String(last);
  throw new Error(`not within ${withinMs} ms (${checkCount} checks): ${reason}`, { cause: last });
}

type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: unknown };

async function attempt<T>(check: () => T | Promise<T>, leftMs: number): Promise<Outcome<T>> {
  const ended = new AbortController();
  const hung = delay(leftMs, undefined, { signal: ended.signal }).then(
    (): Outcome<T> => ({ ok: false, reason: 'the check did not return' }),
    (): Outcome<T> => ({ ok: false, reason: 'the check returned' }),
  );
  try {
    return await Promise.race([outcomeOf(check), hung]);
  } finally {
    ended.abort();
  }
}

async function outcomeOf<T>(check: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    const value = await check();
    return value === false
      ? { ok: false, reason: 'the check answered false' }
      : { ok: true, value };
  } catch (reason) {
    return { ok: false, reason };
  }
}
