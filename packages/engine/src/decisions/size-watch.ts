import {
  type Command,
  type RunId,
  type RunState,
  type SizeLimits,
  type SizeName,
  sizesOf,
} from '@joinery/core';
import { type Logger } from '@joinery/kit';
import { BoundedMap } from '../bounded-map.ts';
import { type EngineMeters } from '../engine-meters.ts';

/** People are told when so much of a limit is used: there is still time to raise it. */
const NEAR = 0.8;
/** Runs that were told of; a run that is forgotten is told of again. */
const TOLD_LIMIT = 10_000;

/** What a watch over sizes stands on. */
export interface SizeWatchParts {
  readonly limits: SizeLimits;
  readonly logger: Logger;
  readonly meters: EngineMeters;
}

/** Tells people of runs that grow beyond their limits, and of those that are about to. */
export class SizeWatch {
  readonly #parts: SizeWatchParts;
  readonly #told = new BoundedMap<string, true>(TOLD_LIMIT);

  constructor(parts: SizeWatchParts) {
    this.#parts = parts;
  }

  /** What a committed decision was made on, and what it does. */
  note(run: RunState, commands: readonly Command[]): void {
    const sizes = sizesOf(run);
    for (const name of ['tasks', 'history'] as const) {
      if (sizes[name] >= this.#parts.limits[name] * NEAR) this.#warn(run.id, name, sizes[name]);
    }
    for (const command of commands) {
      if (command.type !== 'record' || command.event.type !== 'run.limited') continue;
      const { limited, count, limit, policy } = command.event;
      this.#parts.meters.sized(limited, 'reached');
      const fields = { event: 'run.limited', runId: run.id, limited, count, limit, policy };
      this.#parts.logger.error(fields, 'a run has grown beyond its limit and was stopped');
    }
  }

  #warn(runId: RunId, name: SizeName, count: number): void {
    const key = `${runId} ${name}`;
    if (this.#told.get(key) === true) return;
    this.#told.set(key, true);
    const { meters, logger, limits } = this.#parts;
    meters.sized(name, 'near');
    const fields = { event: 'run.near-limit', runId, limited: name, count, limit: limits[name] };
    logger.warn(fields, 'a run has used most of what it may: raise the limit, or end it');
  }
}
