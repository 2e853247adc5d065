import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { startRedis } from '@joinery/testing';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { readInfo } from './redis-usage.ts';

/** On what figures were measured, and when. */
export const machineSchema = z.object({
  at: z.string(),
  cpu: z.string(),
  cores: z.number(),
  memoryGib: z.number(),
  system: z.string(),
  node: z.string(),
  redis: z.string(),
  bullmq: z.string(),
  ioredis: z.string(),
  /** Of the minute before the first round: others' work. */
  loadAverage: z.number(),
});
/** See {@link machineSchema}. */
export type Machine = z.infer<typeof machineSchema>;

/** Asks the system, and a Redis that it starts for that. */
export async function readMachine(): Promise<Machine> {
  const [cpu] = cpus();
  return {
    at: new Date().toISOString().slice(0, 10),
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release()}`,
    node: process.version,
    redis: await redisVersion(),
    bullmq: versionOf('bullmq'),
    ioredis: versionOf('ioredis'),
    loadAverage: Math.round(10 * (loadavg()[0] ?? 0)) / 10,
  };
}

async function redisVersion(): Promise<string> {
  await using server = await startRedis();
  const redis = new Redis(server.url);
  const info = await readInfo(redis, 'server');
  redis.disconnect();
  return info.get('redis_version') ?? 'unknown';
}

function versionOf(name: string): string {
  const path = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(path, 'utf8'))).version;
}

/** One line for the documentation. */
export function machineText(machine: Machine): string {
  const { at, cpu, cores, memoryGib, system, node, redis, bullmq, ioredis, loadAverage } = machine;
  return (
    `${cores} cores (${cpu}), ${memoryGib} GiB, ${system}, Node ${node}, Redis ${redis}, BullMQ ${bullmq}, ` +
    `ioredis ${ioredis}; ${at}, load average before the first round ${loadAverage}.`
  );
}
