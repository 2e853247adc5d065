import { isTerminalRun, RUN_STATUSES, type RunId } from '@joinery/core';
import { type OpenEngine, openEngine } from '@joinery/engine';
import { createLogger, parseConfig, systemEntropy } from '@joinery/kit';
import { type RunStore } from '@joinery/store';
import { announceEnd } from './completion-channel.ts';

/** An engine as a process of that role has it: all settings at their defaults, warnings on standard error. */
export async function openBenchEngine(url: string, role: string): Promise<OpenEngine> {
  const config = parseConfig({ REDIS_URL: url });
  const logger = createLogger({
    level: 'warn',
    name: `bench-${role}`,
    write: (line) => void process.stderr.write(line),
  });
  const processId = `bench-${role}-${systemEntropy.randomId().slice(0, 8)}`;
  return openEngine({ config, logger, processId });
}

/** The same engine; whatever ends a run here is announced. */
export function announcingEngine({ engine, redis }: OpenEngine): OpenEngine['engine'] {
  const announce = async (runId: RunId, reply: object): Promise<void> => {
    if ('status' in reply && isEnd(reply.status)) await announceEnd(redis, runId);
  };
  const store: RunStore = {
    ...engine.store,
    async commit(args) {
      const reply = await engine.store.commit(args);
      await announce(args.runId, reply);
      return reply;
    },
    async complete(args) {
      const reply = await engine.store.complete(args);
      await announce(args.runId, reply);
      return reply;
    },
  };
  return { ...engine, store };
}

function isEnd(status: unknown): boolean {
  return RUN_STATUSES.some((each) => each === status && isTerminalRun(each));
}
