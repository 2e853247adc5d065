import { createLoop, type Logger, type Service, type Timers } from '@joinery/kit';
import { type Fleet, type Member } from '@joinery/store';

/** What a process tells the fleet of itself. */
export interface FleetBeatOptions {
  readonly fleet: Fleet;
  /** Asked at each beat. */
  readonly member: () => Omit<Member, 'phase'>;
  readonly logger: Logger;
  /** Default 5 s: a process counts as dead after three missed beats. */
  readonly intervalMs?: number;
  readonly timers?: Timers;
}

/** Keeps a process in the registry of live ones: starting, ready, draining, gone. Put it first in its group. */
export function createFleetBeat(options: FleetBeatOptions): Service {
  const { fleet, member, logger, intervalMs = 5_000, timers } = options;
  let phase: Member['phase'] = 'starting';
  const beat = (): Promise<void> => fleet.beat({ ...member(), phase });
  const loop = createLoop({
    name: 'fleet-beat',
    intervalMs: () => intervalMs,
    pass: beat,
    logger,
    ...(timers ? { timers } : {}),
  });
  return {
    name: 'fleet-beat',
    async start() {
      await beat();
      phase = 'ready';
      loop.start();
    },
    async drain() {
      phase = 'draining';
      await beat();
    },
    async stop() {
      await loop.stop(1_000);
      await fleet.leave(member().id);
    },
  };
}
