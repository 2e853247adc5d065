import { type Redis } from 'ioredis';
import { z } from 'zod';

/** Id, moment, µs, words. */
const slowLogSchema = z.array(
  z.tuple([z.number(), z.number(), z.number(), z.array(z.string())]).rest(z.unknown()),
);

/** What a Redis server has done so far. */
export interface RedisCost {
  /** Calls of scripts from outside. */
  readonly scripts: number;
  /** Commands, those inside of scripts among them: the work that was done. */
  readonly commands: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Reads the server's own counters. */
export async function redisCost(redis: Redis): Promise<RedisCost> {
  const stats = await redis.info('stats');
  const commands = await redis.info('commandstats');
  return {
    scripts: callsOf(commands, /^cmdstat_(?:evalsha|eval|fcall):calls=(\d+)/gmu),
    commands: numberOf(stats, 'total_commands_processed'),
    bytesIn: numberOf(stats, 'total_net_input_bytes'),
    bytesOut: numberOf(stats, 'total_net_output_bytes'),
  };
}

/** What was done from one reading to the next. */
export function costBetween(before: RedisCost, after: RedisCost): RedisCost {
  return {
    scripts: after.scripts - before.scripts,
    commands: after.commands - before.commands,
    bytesIn: after.bytesIn - before.bytesIn,
    bytesOut: after.bytesOut - before.bytesOut,
  };
}

/** A command that kept Redis from everything else. */
export interface SlowCommand {
  readonly micros: number;
  /** Its beginning; scripts by their digest. */
  readonly command: string;
}

/** The commands of the slow log, the longest first. */
export async function slowCommands(redis: Redis): Promise<readonly SlowCommand[]> {
  const entries = slowLogSchema.parse(await redis.call('SLOWLOG', 'GET', '1000'));
  return entries
    .map(([, , micros, words]) => ({ micros, command: words.join(' ').slice(0, 120) }))
    .toSorted((a, b) => b.micros - a.micros);
}

/** Makes the slow log begin anew, with everything above this. */
export async function watchSlow(redis: Redis, aboveMicros: number): Promise<void> {
  await redis.config('SET', 'slowlog-log-slower-than', aboveMicros);
  await redis.config('SET', 'slowlog-max-len', 1_000);
  await redis.call('SLOWLOG', 'RESET');
}

function callsOf(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

function numberOf(text: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, 'mu').exec(text)?.[1] ?? Number.NaN);
}
