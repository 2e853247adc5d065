import { RUN_STATUSES, type RunId, type RunStatus, taskKeyOf } from '@joinery/core';
import { z } from 'zod';
import { type Finding } from '../run-findings.ts';
import { defineScript } from '../script.ts';
import { outboxDispatch, outboxRunLetter } from './letter-codec.ts';
import { callScript, headArgs, type RedisScope, type ScriptKeys } from './redis-scope.ts';
import { storedRunId } from './stored-names.ts';

/** Runs per script: about 5 ms of Redis. */
const PAGE = 200;

const flag = z.number().transform((value) => value === 1);

const fine = z.tuple([
  storedRunId,
  z.literal('fine'),
  z.enum(RUN_STATUSES).catch('RUNNING'),
  z.string(),
  flag,
  flag,
  z.number(),
  z.array(z.union([z.string(), z.number()])),
  z.array(z.string()),
  z.array(z.string()),
]);
const quiet = z.tuple([storedRunId, z.literal('quiet'), z.enum(RUN_STATUSES), z.string()]);
const corrupt = z.tuple([storedRunId, z.literal('corrupt'), z.string()]);

const script = defineScript({
  name: 'look-runs',
  keys: (keys: ScriptKeys) => keys,
  args: (args: {
    readonly head: readonly (string | number)[];
    readonly intervalsMs: readonly number[];
    readonly runIds: readonly RunId[];
  }) => [...args.head, ...args.intervalsMs, ...args.runIds],
  reply: z.array(z.union([quiet, fine, corrupt])),
});

/** Look at runs of one partition: what is due in each? */
export async function lookRuns(
  scope: RedisScope,
  partition: number,
  runIds: readonly RunId[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (let i = 0; i < runIds.length; i += PAGE) {
    const page = runIds.slice(i, i + PAGE);
    const runKeys = page.flatMap((id) => Object.values(scope.keys.run(id)));
    const replies = await callScript(
      scope,
      script,
      [...scope.keys.partitionScriptKeys(partition), ...runKeys],
      {
        head: headArgs(scope, '', ''),
        intervalsMs: [scope.options.fullDecideIntervalMs, scope.options.calmDecideIntervalMs],
        runIds: page,
      },
    );
    findings.push(...replies.map(findingOf));
  }
  return findings;
}

function findingOf(reply: z.output<(typeof script)['reply']>[number]): Finding {
  if (reply[1] === 'corrupt') return corruptFinding(reply[0], reply[2]);
  if (reply[1] === 'quiet') return uneventful(reply[0], reply[2], reply[3]);
  const [
    runId,
    ,
    status,
    definition,
    needsDecision,
    isFullDue,
    waitingMs,
    claims,
    checks,
    letters,
  ] = reply;
  const sender = { runId, definition };
  try {
    return {
      runId,
      status,
      definition,
      needsDecision,
      isFullDue,
      waitingMs,
      endedClaims: endedClaimsOf(claims),
      checks: checks.map((text) => outboxDispatch(sender, text)),
      letters: letters.map((text) => outboxRunLetter(sender, text)),
      corrupt: '',
    };
  } catch (error) {
    return corruptFinding(runId, String(error));
  }
}

function corruptFinding(runId: RunId, why: string): Finding {
  return { ...uneventful(runId, 'RUNNING', ''), corrupt: why };
}

function uneventful(runId: RunId, status: RunStatus, definition: string): Finding {
  return {
    runId,
    status,
    definition,
    needsDecision: false,
    isFullDue: false,
    waitingMs: 0,
    endedClaims: [],
    checks: [],
    letters: [],
    corrupt: '',
  };
}

function endedClaimsOf(flat: readonly (string | number)[]): Finding['endedClaims'] {
  const claims = [];
  for (let i = 0; i + 2 < flat.length; i += 3) {
    const [key, attempt, dispatch] = flat.slice(i, i + 3);
    claims.push({
      key: taskKeyOf(String(key)),
      attempt: Number(attempt),
      dispatch: Number(dispatch),
    });
  }
  return claims;
}
