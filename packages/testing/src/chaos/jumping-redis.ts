import { type RedisServer, startRedis } from '../redis-server.ts';
import { openShiftedClock, type ShiftedClock } from './clock-shim.ts';
import { type Stage } from './stage.ts';

interface Jumping {
  readonly clock: ShiftedClock;
  aheadMs: number;
}
const clocks = new WeakMap<RedisServer, Jumping>();

/** A Redis whose wall clock can be set forward. Needs a C compiler. */
export async function openJumpingRedis(): Promise<RedisServer> {
  const clock = await openShiftedClock();
  const server = await startRedis({ env: clock.env });
  const end = async (): Promise<void> => {
    await server[Symbol.asyncDispose]();
    await clock[Symbol.asyncDispose]();
  };
  const redis: RedisServer = { ...server, [Symbol.asyncDispose]: end };
  clocks.set(redis, { clock, aheadMs: 0 });
  return redis;
}

/** Sets the clock of a stage’s Redis forward; the jump counts as an outage of its own length. */
export async function jump({ redis, raw, log }: Stage, byMs: number): Promise<void> {
  const jumping = clocks.get(redis);
  if (jumping === undefined) throw new Error('this Redis has the clock of the machine');
  const from = await timeOf(raw);
  jumping.aheadMs += byMs;
  await jumping.clock.set(jumping.aheadMs);
  const until = await timeOf(raw);
  if (until - from < byMs) log.problems.push(`the clock went on by ${until - from} ms`);
  log.outageAt({ from, until });
}

/** What the clock of Redis says, ms since epoch. */
export async function timeOf(raw: Stage['raw']): Promise<number> {
  const [seconds = 0, micros = 0] = await raw.time();
  return seconds * 1_000 + Math.floor(micros / 1_000);
}
