import {
  type Decision,
  domainsOf,
  initialSlice,
  isTerminalRun,
  joineryError,
  type Json,
  type JsonObject,
  measureJson,
  mergeSlice,
  type ParentLink,
  partitionFor,
  type Plan,
  type RunId,
  runIdOf,
  type RunStatus,
  type Slice,
} from '@joinery/core';
import { type NewRun } from '@joinery/store';
import { type AddressedLetter, lettersOf } from '../letters/addressed-letter.ts';
import { type Engine } from '../engine.ts';
import { checkRunInput } from '../definitions/check-run-input.ts';
import { pinDefinition } from '../definitions/pin-definition.ts';
import { type PreparedDefinition } from '../definitions/prepared-definitions.ts';
import { runScripts } from '../decisions/run-scripts.ts';

/** Scripts in a row that one start may run, each of which needs the one before. */
const ROUNDS_LIMIT = 64;

/** Nested lists and objects of an input. */
const INPUT_DEPTH = 1_000;

/** What a start does when a run with its idempotency key is there already. */
export const IDEMPOTENCY_STRATEGIES = ['RETURN_EXISTING', 'FAIL', 'FAIL_ON_RUNNING'] as const;
/** One of {@link IDEMPOTENCY_STRATEGIES}. */
export type IdempotencyStrategy = (typeof IDEMPOTENCY_STRATEGIES)[number];

/** A wish for a run. */
export interface StartRequest {
  readonly name: string;
  /** Default: the latest. */
  readonly version?: number;
  /** A definition to be used instead of a registered one; it is validated, and not registered. */
  readonly definition?: Json;
  readonly input?: JsonObject;
  readonly correlationId?: string;
  /** 0-99, higher first. Default 0. */
  readonly priority?: number;
  /** Domain of the workers by task type, as in Conductor: `{ "charge": "eu", "*": "NO_DOMAIN" }`. */
  readonly taskToDomain?: Readonly<Record<string, string>>;
  readonly idempotencyKey?: string;
  /**
   * Default RETURN_EXISTING. FAIL_ON_RUNNING returns the existing run when it has ended. Known for as long as the run is
   * kept and 7 d more: then the id is answered of a run whose record is gone.
   */
  readonly idempotencyStrategy?: IdempotencyStrategy;
  readonly traceId?: string;
  /** From `newRunId` of the same name and key: a repeated start with it finds itself. Default: a fresh one. */
  readonly runId?: RunId;
}

/** A start that the engine itself makes: the run may have a parent. */
export interface CreateRequest extends StartRequest {
  readonly parent?: ParentLink;
}

/** The run that a start has made or found. */
export interface StartedRun {
  readonly runId: RunId;
  readonly isNew: boolean;
}

/** A start that has been made, and what is to be done about it. */
export interface CreatedRun extends StartedRun {
  /** Letters of the first decision, not relayed yet. */
  readonly letters: readonly AddressedLetter[];
  /** The first decision is a step of several: a coordinator is to be woken. */
  readonly hasMore: boolean;
}

/** An id for a run that is to be started; starts with the same idempotency key meet in one partition. */
export function newRunId(
  engine: Pick<Engine, 'store' | 'entropy'>,
  request: Pick<StartRequest, 'name' | 'idempotencyKey'>,
): RunId {
  const random = engine.entropy.randomId();
  const meetingPoint = request.idempotencyKey
    ? `${request.name}\0${request.idempotencyKey}`
    : random;
  return runIdOf(partitionFor(meetingPoint, engine.store.partitions), random);
}

/** The write of a start, without what follows from it. Throws as `startRun` does. */
export async function createRun(engine: Engine, request: CreateRequest): Promise<CreatedRun> {
  return createRunOf(engine, request, await pinRequested(engine, request));
}

/** What runs of one definition have in common. */
export interface PinnedPlan {
  readonly planId: string;
  readonly plan: Plan;
}

/** The definition that a request asks for, as it is now, kept for the runs that are started of it. */
export async function pinRequested(engine: Engine, request: StartRequest): Promise<PinnedPlan> {
  const pinned = await pinDefinition(engine, await preparedOf(engine, request));
  const { planId, definition, taskDefs } = pinned;
  return { planId, plan: engine.plans.compile(planId, definition, taskDefs) };
}

/** The same on a definition that has been pinned just now. */
export async function createRunOf(
  engine: Engine,
  request: CreateRequest,
  { planId, plan }: PinnedPlan,
): Promise<CreatedRun> {
  const run = newRun(engine, request, plan, planId);
  await checkRunInput(engine, plan.definition, run.input);
  const decision = await decideStart(engine, plan, run);
  await engine.crashPoint?.('before-start');
  const reply = await engine.store.start({
    run,
    commands: decision.commands,
    nonce: engine.entropy.randomId(),
    hasMore: decision.hasMore,
    actor: engine.actor('start-run'),
  });
  if (reply.type === 'exists') return { ...existing(request, reply), letters: [], hasMore: false };
  await engine.crashPoint?.('after-start');
  const letters = lettersOf(run, decision.commands);
  return { runId: reply.runId, isNew: true, letters, hasMore: decision.hasMore };
}

async function preparedOf(
  engine: Engine,
  { definition, name, version }: StartRequest,
): Promise<PreparedDefinition> {
  if (definition !== undefined) return engine.prepared.prepare(definition);
  const found = await engine.definitions.getWorkflow(name, version);
  if (found !== null) return engine.prepared.prepareStored(found);
  throw joineryError('JN_DEF_NOT_FOUND', { name, version: version ?? 'latest' });
}

function newRun(engine: Engine, request: CreateRequest, plan: Plan, planId: string): NewRun {
  const { definition } = plan;
  const priority = request.priority ?? 0;
  if (!Number.isInteger(priority) || priority < 0 || priority > 99) {
    const problem = `priority ${priority} is not a whole number from 0 to 99`;
    throw joineryError('JN_REQUEST_INVALID', { what: 'start', problem });
  }
  const domains = domainsOf(request.taskToDomain ?? {});
  if (isTooDeep(request.input)) {
    const problem = `its input is nested deeper than ${INPUT_DEPTH}`;
    throw joineryError('JN_REQUEST_INVALID', { what: 'start', problem });
  }
  return {
    id: request.runId ?? newRunId(engine, { ...request, name: definition.name }),
    definition: definition.name,
    definitionVersion: definition.version,
    planId,
    priority,
    correlationId: request.correlationId ?? '',
    idempotencyKey: request.idempotencyKey ?? '',
    traceId: request.traceId ?? engine.entropy.randomId(),
    parent: request.parent ?? null,
    ...(Object.keys(domains).length > 0 && { domains }),
    // The template fills what the input lacks; a null in the input is there.
    input: { ...definition.inputTemplate, ...request.input },
    variables: definition.variables,
  };
}

/** What is nested without an end overflows the stack of whoever writes or reads it later. */
function isTooDeep(input: JsonObject | undefined): boolean {
  const bounds = { maxSize: Number.POSITIVE_INFINITY, maxDepth: INPUT_DEPTH };
  const measured = measureJson(input ?? {}, bounds);
  return !measured.ok && measured.problem === 'too-deep';
}

async function decideStart(engine: Engine, plan: Plan, run: NewRun): Promise<Decision> {
  let slice: Slice = initialSlice({ ...run, at: engine.clock.now() });
  const seed = engine.entropy.seed();
  const event = { type: 'start' } as const;
  let result = engine.decide({ slice, plan, event, seed });
  for (let round = 0; result.type === 'needs' && round < ROUNDS_LIMIT; round += 1) {
    // Nothing of a run that does not exist is stored: what is lacking is known to be absent.
    slice = mergeSlice(slice, {
      rows: new Map(result.needs.rows.map((key) => [key, null])),
      data: new Map(result.needs.data.map((field) => [field, null])),
      arrivals: new Map(result.needs.arrivals.map((join) => [join, 0])),
      evaluations: await runScripts(engine, result.needs),
    });
    result = engine.decide({ slice, plan, event, seed });
  }
  if (result.type === 'decision') return result.decision;
  const problem = result.type === 'refused' ? result.reason : 'the first decision lacks data';
  throw joineryError('JN_INVARIANT_BROKEN', { what: `start of ${run.definition}`, problem });
}

function existing(
  { name, idempotencyKey = '', idempotencyStrategy = 'RETURN_EXISTING' }: StartRequest,
  { runId, status }: { readonly runId: RunId; readonly status: RunStatus },
): StartedRun {
  const isRefused =
    idempotencyStrategy === 'FAIL' ||
    (idempotencyStrategy === 'FAIL_ON_RUNNING' && !isTerminalRun(status));
  if (isRefused) throw joineryError('JN_RUN_EXISTS', { name, key: idempotencyKey, runId });
  return { runId, isNew: false };
}
