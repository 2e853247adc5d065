/** `npm run load`: a server under long-polling workers and starts at a steady rate, then under workers that wait. */
import { Redis } from 'ioredis';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { startRedis } from '../redis-server.ts';
import { measureIdlePolls } from './idle-polls.ts';
import { loadServer } from './load-server.ts';
import { startServerProcess } from './server-process.ts';

const USAGE =
  'npm run load -- [--seconds 60] [--workers 500] [--starts 200] [--idle 1000] [--idle-seconds 20]\n';

const count = (byDefault: number) => z.coerce.number().int().min(1).default(byDefault);
const settings = z.object({
  seconds: count(60),
  workers: count(500),
  /** A second. */
  starts: count(200),
  idle: count(1_000),
  'idle-seconds': count(20),
});

// A throwaway Redis does not keep its starter alive, not even while it is being ended.
const keepAlive = setInterval(() => undefined, 60_000);
process.exitCode = await main(process.argv.slice(2)).finally(() => clearInterval(keepAlive));

async function main(args: readonly string[]): Promise<number> {
  let given: z.output<typeof settings>;
  try {
    const names = Object.keys(settings.shape);
    const options = Object.fromEntries(names.map((name) => [name, { type: 'string' } as const]));
    given = settings.parse(parseArgs({ args: [...args], options }).values);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  await using server = await startRedis({ appendonly: true });
  const redis = new Redis(server.url);
  await using joinery = await startServerProcess(server.url);
  const { seconds, workers, starts: startsPerSecond, idle: polls } = given;
  const load = await loadServer(joinery, { workers, startsPerSecond, forMs: seconds * 1_000 });
  process.stdout.write(`load ${JSON.stringify(load)}\n`);
  const forMs = given['idle-seconds'] * 1_000;
  const idle = await measureIdlePolls(joinery, redis, { polls, forMs });
  process.stdout.write(`idle ${JSON.stringify(idle)}\n`);
  redis.disconnect();
  const isClean = load.errors.length + idle.errors.length === 0;
  return isClean && load.completed === load.started ? 0 : 1;
}
