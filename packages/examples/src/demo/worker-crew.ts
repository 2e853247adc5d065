/*
 * The worker processes of the main job.
 * Ownership: a crew owns its processes; none outlives it, and none outlives the process that started it.
 * Interface: openCrew, onBegan, kill, close.
 * Invariant: what a worker has reported before it was killed is known before `kill` answers.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type HandlerReport, reportSchema, type WorkerOrder } from './worker-message.ts';

/** One worker process. */
export interface CrewMember {
  /** `w1`, `w2`, …: what people read. */
  readonly label: string;
  readonly pid: number;
  /** As the store knows it. */
  readonly workerId: string;
  /** Handlers that have begun and not ended. */
  readonly inHand: readonly HandlerReport[];
}

/** Hears of every handler that begins. */
export type BeginListener = (member: CrewMember, handler: HandlerReport) => void;

/** Worker processes, some of them perhaps dead. */
export interface Crew extends AsyncDisposable {
  readonly members: readonly CrewMember[];
  /** Replaces the listener. Null = nobody listens. */
  listen(listener: BeginListener | null): void;
  /** SIGKILL. Resolves with what it had in hand when it is gone; work that it still could end is not in there. */
  kill(member: CrewMember): Promise<readonly HandlerReport[]>;
}

/** How long a worker may take to become ready, and to end: workers share a busy machine with others. */
const READY_WITHIN_MS = 30_000;
const END_WITHIN_MS = 8_000;

/** Starts worker processes and resolves when all of them take jobs. */
export async function openCrew(count: number, redisUrl: string): Promise<Crew> {
  const crew = new ProcessCrew();
  try {
    const labels = Array.from({ length: count }, (_, index) => `w${index + 1}`);
    await Promise.all(labels.map((label) => crew.add(label, redisUrl)));
    return crew;
  } catch (error) {
    await crew[Symbol.asyncDispose]();
    throw error;
  }
}

interface ProcessMember extends CrewMember {
  readonly child: ChildProcess;
  workerId: string;
  inHand: readonly HandlerReport[];
}

class ProcessCrew implements Crew {
  readonly members: ProcessMember[] = [];
  #listener: BeginListener | null = null;

  listen(listener: BeginListener | null): void {
    this.#listener = listener;
  }

  async add(label: string, redisUrl: string): Promise<void> {
    const child = fork(new URL('../worker-process.js', import.meta.url));
    const member: ProcessMember = { label, pid: child.pid ?? 0, workerId: '', inHand: [], child };
    this.members.push(member);
    const order: WorkerOrder = { type: 'start', redisUrl };
    child.send(order);
    await this.#ready(member);
  }

  async kill(member: CrewMember): Promise<readonly HandlerReport[]> {
    const { child } = this.#processOf(member);
    // What was sent stays readable after the sender is dead; the channel closes behind it.
    const gone = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
    child.kill('SIGKILL');
    await gone;
    return member.inHand;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener = null;
    await Promise.all(this.members.map(({ child }) => endOf(child)));
  }

  #processOf(member: CrewMember): ProcessMember {
    const found = this.members.find(({ pid }) => pid === member.pid);
    if (found === undefined) throw new Error(`${member.label} is not of this crew`);
    return found;
  }

  #ready(member: ProcessMember): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (problem: string): void => {
        reject(new Error(`the worker process ${member.label} ${problem}`));
      };
      const late = setTimeout(fail, READY_WITHIN_MS, 'was not ready in time');
      member.child.once('error', (error) => {
        fail(`could not be started: ${error.message}`);
      });
      member.child.once('exit', (code) => {
        clearTimeout(late);
        fail(`ended with ${code}`);
      });
      member.child.on('message', (message) => {
        clearTimeout(late);
        this.#hear(member, message);
        resolve();
      });
    });
  }

  #hear(member: ProcessMember, message: unknown): void {
    const report = reportSchema.parse(message);
    if (report.type === 'ready') {
      member.workerId = report.workerId;
      return;
    }
    const others = member.inHand.filter(
      ({ runId, taskRef }) => runId !== report.runId || taskRef !== report.taskRef,
    );
    member.inHand = report.type === 'began' ? [...others, report] : others;
    if (report.type === 'began') this.#listener?.(member, report);
  }
}

/** Lets go of a worker, which then ends by itself; kills it if it does not. */
async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  const late = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
  if (child.connected) child.disconnect();
  await exited;
  clearTimeout(late);
}
