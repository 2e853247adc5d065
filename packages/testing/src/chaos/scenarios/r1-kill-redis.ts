import { setTimeout as delay } from 'node:timers/promises';
import { type Scenario } from '../scenario.ts';
import { type Stage } from '../stage.ts';
import { underLoad } from '../under-load.ts';

/** R1: Redis dies and comes back. */
export const killRedis: Scenario = {
  id: 'R1',
  title: 'Redis is killed and started again',
  hypothesis:
    'With an append-only file nothing that was acknowledged is lost, and every process works again without a restart.',
  method:
    'Nested fork-joins, 20 at a time. Redis (append-only file, `appendfsync always`) gets a SIGKILL and is started again after 0 to 1.5 s.',
  notTested: [
    'appendfsync everysec, a slow disk (R8)',
    'power loss (R3)',
    'files of more than a few MB',
  ],
  rules: ['H1', 'H3', 'H4', 'H6', 'H10', 'H16', 'H21', 'H22', 'H25', 'H27'],
  sizes: {
    test: { runs: 20, faults: 2 },
    default: { runs: 150, faults: 15 },
    release: { runs: 2_000, faults: 200 },
  },
  play: underLoad({
    // What is promised without conditions; what a kill may lose with `everysec` is R8’s.
    redis: { appendonly: true, args: ['--appendfsync', 'always'] },
    faultName: 'SIGKILL of Redis',
    everyMs: 2_500,
    fault: (stage, _index, load) => killOnce(stage, load.underWay().length > 0),
  }),
};

async function killOnce(stage: Stage, isBusy: boolean): Promise<boolean> {
  await stage.log.outage(async () => {
    await stage.redis.kill();
    await delay(stage.entropy.seed() % 1_500);
    await stage.redis.restart();
  });
  return isBusy;
}
