import { isJoineryError, type RunId, runIdOf, taskKeyOf, type TaskRow } from '@joinery/core';
import { completeTask, type TaskResult } from '@joinery/engine';
import { type RunLoad } from '../run-load.ts';
import { type Scenario } from '../scenario.ts';
import { pick, type Stage } from '../stage.ts';
import { underLoad } from '../under-load.ts';

/** Ways in which a result can be nobody's; each is answered without a change. */
const KINDS = ['another token', 'a later attempt', 'an unknown task', 'another run'] as const;

/** D6: results that nobody waits for. */
export const foreignResults: Scenario = {
  id: 'D6',
  title: 'Results come for attempts that are another’s, unknown or over',
  hypothesis: 'They are answered, and change nothing.',
  method: `Nested fork-joins, 20 at a time. Every 50 ms a result with a wrong value is handed in for a task of a run under way, by turns with ${KINDS.join(', ')}; and for a task that has ended, its own result once more with its own token. A fault counts when the answer was \`stale\`, \`gone\`, \`repeated\` or a coded error; any other answer makes the performance invalid.`,
  notTested: [
    'results over HTTP: the server’s own tests',
    'results without a token for a task that nobody has claimed: that is how people complete a task by hand',
  ],
  rules: ['H1', 'H2', 'H4', 'H6', 'H7', 'H16', 'H22', 'H27'],
  sizes: {
    test: { runs: 20, faults: 40 },
    default: { runs: 150, faults: 400 },
    release: { runs: 1_500, faults: 10_000 },
  },
  play: underLoad({ faultName: 'foreign result', everyMs: 50, fault: handIn }),
};

async function handIn(stage: Stage, index: number, load: RunLoad): Promise<boolean> {
  const { engine, store } = stage.client.client;
  const underWay = load.underWay();
  if (underWay.length === 0) return false;
  const { runId } = pick(stage, underWay);
  const rows = (await store.rows(runId)).filter(({ dispatch }) => dispatch > 0);
  if (rows.length === 0) return false;
  const result = foreign(stage, index, { runId, row: pick(stage, rows) });
  const answer = await completeTask(engine, result).then(
    (reply) => reply.type,
    (error: unknown) => (isJoineryError(error) ? 'refused' : Promise.reject(error)),
  );
  const isUnheard = ['stale', 'gone', 'repeated', 'refused'].includes(answer);
  if (!isUnheard) stage.log.problems.push(`D6: ${JSON.stringify(result)} was ${answer}`);
  stage.log.count(answer, 1);
  return isUnheard;
}

function foreign(
  stage: Stage,
  index: number,
  { runId, row }: { readonly runId: RunId; readonly row: TaskRow },
): TaskResult {
  const { key, attempt, token } = row;
  const wrong = { output: { ref: row.ref, value: -1 }, reason: '', status: 'COMPLETED' } as const;
  const own = { runId, key, attempt, token: stage.entropy.randomId(), ...wrong };
  if (row.status === 'COMPLETED' && index % 2 === 0) return { ...own, token };
  const kind = KINDS[index % KINDS.length];
  if (kind === 'a later attempt') return { ...own, token, attempt: attempt + 1 };
  if (kind === 'an unknown task') return { ...own, token, key: taskKeyOf(`${key}_unknown`) };
  if (kind === 'another run') return { ...own, token, runId: runIdOf(0, 'anotherrun') };
  return own;
}
