/*
 * Ownership: a beat owns the presence of its process in the fleet, and the watch over whether Redis still hears it.
 * Interface: a Service; the first of its group, so that it leaves last.
 * Invariants:
 *  B1 who finds a fleet in which nobody was left says so, once for each such time.
 *  B2 a process that Redis has not heard for `selfFenceMs` is told so: others have taken its work by then.
 *  B3 stop answers also when Redis is away; the entry then ends with its time.
 */
import {
  createLoop,
  type Logger,
  type Metrics,
  type Service,
  settlesWithin,
  type Timers,
} from '@joinery/kit';
import { type Fleet, type FleetReturn, type Member } from '@joinery/store';

/** What a process tells the fleet of itself. */
export interface FleetBeatOptions {
  readonly fleet: Pick<Fleet, 'beat' | 'leave'>;
  /** Asked at each beat. */
  readonly member: () => Omit<Member, 'phase'>;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Default 5 s: a process counts as dead after three missed beats. */
  readonly intervalMs?: number;
  /** What the last engine leaves behind. Default QUIESCED. */
  readonly modeAfter?: 'QUIESCED' | 'LEFT';
  /** Calls `onFenced` when no beat has come through for so long. Default: never. */
  readonly selfFenceMs?: number;
  readonly onFenced?: () => void;
  /** Time that never goes back, ms. Default: the process's. */
  readonly elapsedMs?: () => number;
  readonly timers?: Timers;
}

/** How often the time since the last beat is looked at. */
const FENCE_EVERY_MS = 1_000;
/** How long a process that leaves waits for Redis: its entry ends by itself after 15 s. */
const LEAVE_WITHIN_MS = 2_000;

/** Keeps a process in the registry of live ones: starting, ready, draining, gone. Put it first in its group. */
export function createFleetBeat(options: FleetBeatOptions): Service {
  const { member, logger, intervalMs = 5_000, modeAfter, timers } = options;
  const notice = createReturnNotice(options);
  const fence = createFence(options);
  let phase: Member['phase'] = 'starting';
  const beat = async (): Promise<void> => {
    const returned = await options.fleet.beat({ ...member(), phase });
    fence.heard();
    if (returned !== null) notice(returned);
  };
  const timing = { logger, ...(timers ? { timers } : {}) };
  const loop = createLoop({
    name: 'fleet-beat',
    intervalMs: () => intervalMs,
    pass: beat,
    ...timing,
  });
  const watch = createLoop({
    name: 'self-fence',
    intervalMs: () => FENCE_EVERY_MS,
    pass: async () => fence.check(),
    ...timing,
  });
  const leave = async (): Promise<void> => {
    const { id } = member();
    const { isLast, generation } = await options.fleet.leave(id, modeAfter);
    if (!isLast) return;
    const fields = { event: 'fleet.suspended', generation, mode: modeAfter ?? 'QUIESCED' };
    logger.warn(fields, 'the last engine has left: runs stand still until one starts');
  };
  return {
    name: 'fleet-beat',
    async start() {
      await beat();
      phase = 'ready';
      loop.start();
      if (options.selfFenceMs !== undefined) watch.start();
    },
    async drain() {
      phase = 'draining';
      await beat();
    },
    async stop() {
      await Promise.all([loop.stop(1_000), watch.stop(1_000)]);
      const leaving = leave();
      if (await settlesWithin(leaving, LEAVE_WITHIN_MS, timers)) return leaving;
      logger.warn({ event: 'fleet.left-unheard' }, 'Redis was not told; the entry ends by itself');
    },
  };
}

function createReturnNotice({
  logger,
  metrics,
}: FleetBeatOptions): (returned: FleetReturn) => void {
  const downs = metrics?.counter({
    name: 'fleet_was_down_total',
    help: 'Times at which an engine found that every other one had died without leaving; an alert',
  });
  let known: number | undefined;
  return ({ how, gapMs: durationMs, at }) => {
    if (at === known) return;
    known = at;
    if (how === 'unclean') {
      downs?.add({});
      const fields = { event: 'fleet.was-down', durationMs };
      logger.error(fields, 'no engine was alive, and the last one had not left: it died');
    } else {
      logger.info({ event: 'fleet.active', how, durationMs }, 'the first engine is here');
    }
  };
}

function createFence({
  selfFenceMs = Number.POSITIVE_INFINITY,
  onFenced,
  logger,
  elapsedMs = () => performance.now(),
}: FleetBeatOptions): { readonly heard: () => void; readonly check: () => void } {
  let heardAt = elapsedMs();
  let isFenced = false;
  return {
    heard: () => {
      heardAt = elapsedMs();
    },
    check: () => {
      const durationMs = Math.round(elapsedMs() - heardAt);
      if (isFenced || durationMs <= selfFenceMs) return;
      isFenced = true;
      const fields = { event: 'process.fenced', durationMs };
      logger.error(fields, 'Redis has not heard this process for too long; it ends');
      onFenced?.();
    },
  };
}
