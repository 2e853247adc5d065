import { z } from 'zod';
import { type HttpCaller, readAnswer } from './http-caller.ts';

const task = z.object({ taskId: z.string(), workflowInstanceId: z.string() });
const tasks = z.array(task);
type Task = z.output<typeof task>;

/** What many workers have come to. */
export interface WorkTally {
  done: number;
  polls: number;
  /** What was not answered as it must be; the first words of each. */
  readonly errors: string[];
}

/** How a worker polls. */
export interface WorkerShape {
  readonly taskType: string;
  readonly worker: string;
  readonly waitMs: number;
}

/** One worker of Conductor's protocol, one task at a time: polls, ends what it gets, goes on with what it is answered. */
export async function runHttpWorker(
  caller: HttpCaller,
  { taskType, worker, waitMs }: WorkerShape,
  { tally, isOver }: { readonly tally: WorkTally; readonly isOver: () => boolean },
): Promise<void> {
  const path = `/api/tasks/poll/batch/${taskType}?workerid=${worker}&count=1&timeout=${waitMs}`;
  while (!isOver()) {
    try {
      tally.polls += 1;
      const [first] = readAnswer(await caller.call('GET', path), tasks);
      for (let next = first ?? null; next !== null; next = await finish(caller, next, worker)) {
        tally.done += 1;
      }
    } catch (error) {
      tally.errors.push(String(error).slice(0, 200));
    }
  }
}

/** The task that the server hands over with its answer; null: none. */
async function finish(caller: HttpCaller, ended: Task, workerId: string): Promise<Task | null> {
  const result = { ...ended, workerId, status: 'COMPLETED', outputData: { ok: true } };
  const answer = await caller.call('POST', '/api/tasks/update-v2', result);
  return answer.status === 204 ? null : readAnswer(answer, task);
}
