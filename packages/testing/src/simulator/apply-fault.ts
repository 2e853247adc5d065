import { type AddressedLetter, relayLetters } from '@joinery/engine';
import { type RunSnapshot } from '@joinery/store';
import { type ParkedCall } from './call-board.ts';
import { CALL_FAULTS, type CallFaultKind, type Fault, type WorldFaultKind } from './fault.ts';
import { type Population } from './population.ts';
import { madeUpError } from './sim-process.ts';
import { type World } from './world.ts';

/** Mostly about as long as a claim's lease, so that the one who wakes up meets its successor at work. */
const PAUSE_LIMIT_MS = 7_000;
/** Sometimes for longer than a lock's lease. */
const LONG_PAUSE_LIMIT_MS = 70_000;
/** More than a small run writes altogether. */
const LOST_LIMIT = 30;
/** How long clients take to find a server again. */
const RECONNECT_MS = 50;

/** Ports whose calls go over the wire: their replies can be lost, and they are sent again. */
const WIRED: ReadonlySet<string> = new Set([
  'store',
  'queue',
  'nudges',
  'definitions',
  'locks',
  'gates',
]);

/** A call that is to go wrong. */
export interface FaultyCall {
  readonly fault: Fault;
  readonly call: ParkedCall;
  /** Runs the effect; the reply is given only when `isAnswered`. */
  readonly execute: (isAnswered: boolean) => Promise<void>;
}

/** Makes a call with its fault. Answers whether the fault could do anything there. */
export async function makeFaultyCall(
  world: World,
  population: Population,
  faulty: FaultyCall,
): Promise<boolean> {
  const { kind, amount } = faulty.fault;
  if (isCallFault(kind)) return spoilCall(world, population, { ...faulty, kind });
  const isFelt = await disturb(world, population, { kind, amount });
  await faulty.execute(true);
  return isFelt;
}

function isCallFault(kind: Fault['kind']): kind is CallFaultKind {
  return CALL_FAULTS.some((each) => each === kind);
}

async function spoilCall(
  world: World,
  population: Population,
  { kind, fault, call, execute }: FaultyCall & { readonly kind: CallFaultKind },
): Promise<boolean> {
  const { board, clock, nobody } = world;
  const canFail = call.party !== nobody && (WIRED.has(call.port) || !isLossOfReply(kind));
  if (!canFail) {
    await execute(true);
    return false;
  }
  switch (kind) {
    case 'crash-before':
      return population.crash(call.party);
    case 'crash-after':
      await execute(false);
      return population.crash(call.party);
    case 'error-before':
      call.reject(madeUpError());
      return true;
    case 'error-after':
      await execute(false);
      call.reject(madeUpError());
      return true;
    case 'resend':
      await execute(false);
      board.putBack(call);
      return true;
    case 'pause':
      board.putBack(call);
      call.party.pausedUntil = clock.now() + pauseMs(fault.amount);
      return true;
  }
}

function isLossOfReply(kind: CallFaultKind): boolean {
  return kind === 'resend' || kind === 'error-before' || kind === 'error-after';
}

function pauseMs(amount: number): number {
  return 1 + (amount % (amount % 5 === 0 ? LONG_PAUSE_LIMIT_MS : PAUSE_LIMIT_MS));
}

async function disturb(
  world: World,
  population: Population,
  { kind, amount }: { readonly kind: WorldFaultKind; readonly amount: number },
): Promise<boolean> {
  const { queueFaults, nudges, queue } = world;
  switch (kind) {
    case 'lose-job':
    case 'double-job':
      queueFaults.nextDeliveries = kind === 'lose-job' ? 0 : 2;
      return true;
    case 'reorder-jobs':
      queueFaults.isReordered = true;
      return true;
    case 'stall-jobs':
      for (const job of population.jobs) queue.putBack(job, 0);
      return population.jobs.length > 0;
    case 'lose-nudge':
    case 'double-nudge':
      nudges.nextPushCounts = kind === 'lose-nudge' ? 0 : 2;
      return true;
    case 'repeat-letters':
      return repeatLetters(world, population);
    case 'forget-queues':
      queue.forget();
      nudges.forget();
      return true;
    case 'power-cut':
      return cutPower(world, amount);
  }
}

/** Letters may be on their way twice at any time: their sender and the scheduler know nothing of each other. */
function repeatLetters({ watch, store }: World, population: Population): boolean {
  const scheduler = population.processOf('scheduler');
  const letters = watch.runIds.flatMap((runId) => lettersOf(store.peek(runId)));
  if (scheduler === undefined || letters.length === 0) return false;
  scheduler.spawn(async () => {
    const { engine } = scheduler;
    await scheduler.attempt(async () => void (await relayLetters(engine, letters.toReversed())));
  });
  return true;
}

function lettersOf(run: RunSnapshot | null): readonly AddressedLetter[] {
  if (run === null) return [];
  const { id: runId, definition, traceId } = run.record;
  return Object.values(run.outbox).map(({ letter }) => ({ runId, definition, traceId, letter }));
}

/** The last steps of a partition are gone; whoever connects again makes everything due. */
async function cutPower(world: World, amount: number): Promise<boolean> {
  const { scenario, store, watch, clock, board, nobody } = world;
  const partition = amount % scenario.partitions;
  const lost = await store.cut(partition, 1 + (amount % LOST_LIMIT));
  watch.restart(partition, clock.now());
  void board.park({
    party: nobody,
    port: 'store',
    method: 'makeAllDue',
    args: [],
    readyAt: clock.now() + RECONNECT_MS,
    run: () => store.store.makeAllDue(),
  });
  return lost > 0;
}
