import { type BeginListener, type Crew, type CrewMember } from './worker-crew.ts';
import { type HandlerReport } from './worker-message.ts';

/** A worker that was killed with work in hand. */
export interface KilledWorker {
  readonly member: CrewMember;
  /** Began and never ended. Not empty. */
  readonly inHand: readonly HandlerReport[];
  /** ms since epoch. */
  readonly killedAt: number;
}

/** When to kill. */
export interface KillOptions {
  readonly runId: string;
  readonly taskType: string;
  /** Which handler of this type, from 1, is the one in which a worker dies. */
  readonly at: number;
}

/**
 * Kills the worker in whose hands a handler of this type has just begun. Should the handler have been faster than the
 * signal, the next one's worker dies too; one worker is always left. Resolves null when there was nobody to kill.
 */
export async function killInside(crew: Crew, options: KillOptions): Promise<KilledWorker | null> {
  let from = options.at;
  for (let left = crew.members.length; left > 1; left -= 1) {
    const member = await beginOf(crew, { ...options, at: from });
    const killedAt = Date.now();
    const inHand = (await crew.kill(member)).filter(({ runId }) => runId === options.runId);
    if (inHand.length > 0) return { member, inHand, killedAt };
    from = 1;
  }
  return null;
}

function beginOf(crew: Crew, { runId, taskType, at }: KillOptions): Promise<CrewMember> {
  let count = 0;
  return new Promise((resolve) => {
    const listener: BeginListener = (member, handler) => {
      if (handler.runId !== runId || handler.taskType !== taskType) return;
      count += 1;
      if (count < at) return;
      crew.listen(null);
      resolve(member);
    };
    crew.listen(listener);
  });
}
