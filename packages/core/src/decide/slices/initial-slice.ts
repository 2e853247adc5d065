import type { Domains } from '../../run/domains.ts';
import type { RunId } from '../../run/ids.ts';
import type { Json } from '../../run/json.ts';
import type { ParentLink } from '../../run/run-state.ts';
import type { Slice } from '../../run/slice.ts';

/** What is known of a run before it exists. */
export interface RunSeed {
  readonly id: RunId;
  readonly definition: string;
  readonly definitionVersion: number;
  readonly planId: string;
  readonly priority: number;
  readonly correlationId: string;
  readonly idempotencyKey: string;
  readonly traceId: string;
  /** Default: none. */
  readonly domains?: Domains;
  /** Default: none. */
  readonly parent?: ParentLink | null;
  readonly input: Json;
  readonly variables: Json;
  /** The caller's clock: only WAITs for a moment (`until`) look at it. */
  readonly at: number;
}

/** The slice on which a run's first decision is made: no rows, and nothing that could be missing. */
export function initialSlice(seed: RunSeed): Slice {
  const { id, definition, definitionVersion, planId, priority, correlationId } = seed;
  return {
    run: {
      id,
      definition,
      definitionVersion,
      planId,
      priority,
      correlationId,
      idempotencyKey: seed.idempotencyKey,
      traceId: seed.traceId,
      parent: seed.parent ?? null,
      ...(seed.domains !== undefined && { domains: seed.domains }),
      status: 'RUNNING',
      reason: '',
      version: 0,
      decision: 0,
      nonce: '',
      fence: 0,
      dirty: 0,
      seen: 0,
      open: 0,
      seq: 0,
      isRootDone: false,
      closing: null,
      compensating: null,
      resetting: null,
      retriedAt: 0,
      failedPermissive: [],
      attempt: 1,
      createdAt: seed.at,
      updatedAt: seed.at,
      endedAt: 0,
      lastDecidedAt: 0,
      lastActor: '',
    },
    rows: new Map(),
    data: new Map([
      ['run:input', seed.input],
      ['run:variables', seed.variables],
    ]),
    arrivals: new Map(),
    todo: [],
    hasMoreTodo: false,
    due: [],
    openPage: null,
    whole: null,
    at: seed.at,
    isNew: true,
  };
}
