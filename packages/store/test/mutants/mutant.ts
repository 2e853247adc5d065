import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { defineScript } from '../../src/script.ts';

/** A fault put into a script on purpose: tests that do not notice it prove nothing about the line that it is in. */
export interface Mutant {
  /** Text that is in the script, its fragments in place, exactly once. */
  readonly find: string;
  readonly replace: string;
  /** What would go wrong with it. */
  readonly why: string;
}

/** The script with the mutant in it. Throws when the text to be replaced is not there once: then the mutant is stale. */
export function mutated(script: string, { find, replace }: Mutant): MutatedScript {
  const { lua, sha1 } = defineScript({
    name: script,
    keys: () => [],
    args: () => [],
    reply: z.unknown(),
  });
  const count = lua.split(find).length - 1;
  if (count !== 1) throw new Error(`${script} has ${count} times: ${find}`);
  return { sha1, lua: lua.replace(find, () => replace) };
}

/** What is run in the place of a script. */
export interface MutatedScript {
  /** Digest of the script that it takes the place of. */
  readonly sha1: string;
  readonly lua: string;
}

/** A connection on which one script may be replaced by a mutant of it. */
export interface MutableRedis {
  readonly redis: Redis;
  /** Puts the mutant in; null = every script as it is. Rejects for a text that does not compile. */
  use(script: MutatedScript | null): Promise<void>;
}

/** Opens such a connection; the caller disconnects it. */
export function openMutableRedis(url: string): MutableRedis {
  const redis = new Redis(url, { enableAutoPipelining: true });
  let active: (MutatedScript & { readonly mutantSha1: string }) | null = null;
  const evalsha = redis.evalsha.bind(redis);
  Object.assign(redis, {
    evalsha: (sha1: string, count: number, ...argv: string[]) =>
      evalsha(sha1 === active?.sha1 ? active.mutantSha1 : sha1, count, ...argv),
  });
  return {
    redis,
    async use(script) {
      active = null;
      if (script === null) return;
      const mutantSha1 = createHash('sha1').update(script.lua).digest('hex');
      await redis.script('LOAD', script.lua);
      active = { ...script, mutantSha1 };
    },
  };
}
