import { comesTo } from '../kill-at.ts';
import { type Scenario } from '../scenario.ts';
import { everybody, pick, type Stage } from '../stage.ts';
import { underLoad } from '../under-load.ts';

/** What a process may take for its work in hand, ms. */
const GRACE_MS = 1_000;
/** And then to let go of everything, ms: ten times the second that is promised, to find what hangs. */
const LETS_GO_MS = 10_000;
/** A process that has not ended by then hangs, ms. */
const HANGS_AFTER_MS = 15_000;

/** C10: a process that is asked to stop stops, whatever Redis does. */
export const terminateAnybody: Scenario = {
  id: 'C10',
  title: 'Processes are asked to stop, with work in hand or with Redis out of reach',
  hypothesis:
    'It ends within its grace and a second, also where Redis is out of reach; what it had in hand is given to others.',
  method: `Nested fork-joins, 20 at a time, grace ${GRACE_MS / 1_000} s, every process behind a proxy of its own. By turns a worker gets a SIGTERM inside a handler, any process gets one, and any process gets one after its proxy has stopped to carry anything. A stop that took ten seconds more than its grace, or that ended with another code than 0 while Redis was there, makes the performance invalid. Figures: slowestStopMs, slowestCutOffMs.`,
  notTested: ['the exit code with Redis out of reach', 'two signals'],
  rules: ['H1', 'H3', 'H6', 'H10', 'H16', 'H21', 'H22', 'H27'],
  sizes: {
    test: { runs: 20, faults: 6 },
    default: { runs: 200, faults: 60 },
    release: { runs: 2_000, faults: 500 },
  },
  play: underLoad({
    isProxied: 'each',
    faultName: 'SIGTERM',
    everyMs: 400,
    fleet: {
      spares: 4,
      stepMs: [2, 200],
      env: {
        JOINERY_SHUTDOWN_DRAIN_TIMEOUT: `${GRACE_MS}ms`,
        JOINERY_WORKER_CLAIM_LEASE: '1500ms',
        JOINERY_WORKER_BEAT_EVERY: '400ms',
      },
    },
    fault: (stage, index) => stopOne(stage, index % 3),
  }),
};

async function stopOne(stage: Stage, turn: number): Promise<boolean> {
  const { fleet, log } = stage;
  const candidates = turn === 0 ? fleet.members('worker') : everybody(stage);
  const victim = pick(stage, candidates);
  const isThere = turn !== 0 || (await comesTo(victim, 'in-handler'));
  const isCut = turn === 2;
  if (isCut) victim.proxy?.hang();
  else victim.release();
  const { tookMs, code } = await victim.terminate(HANGS_AFTER_MS);
  const what = `${victim.role} stopped after ${Math.round(tookMs)} ms with code ${code}`;
  if (tookMs > GRACE_MS + LETS_GO_MS) log.problems.push(`${what}${isCut ? ', cut off' : ''}`);
  else if (!isCut && code !== 0) log.problems.push(what);
  log.most(isCut ? 'slowestCutOffMs' : 'slowestStopMs', tookMs);
  await fleet.add(victim.role);
  return isThere;
}
