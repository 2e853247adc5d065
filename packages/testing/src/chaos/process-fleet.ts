/*
 * Role processes on one Redis, with warm spares that take the place of those that are killed.
 * Ownership: every process that it has started; it ends them by their ids, and all of them at disposal.
 * Interface: openFleet, members, hold, kill, replace.
 * Invariant: a member is alive and has its role until `kill` was called for it.
 */
import { parseRunId, type RunId } from '@joinery/core';
import { settlesWithin } from '@joinery/kit';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ledger, openLedger } from '../ledger.ts';
import { bundleEntry, type BundledEntry } from './bundle-entry.ts';
import {
  type CommitLine,
  commitLineSchema,
  type HoldPoint,
  type Order,
  type Report,
  reportSchema,
  type Role,
  type RoleSettings,
} from './role-messages.ts';
import { openTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { lockEnv, testLock } from './test-lock.ts';

/** What a fleet is made of. */
export interface FleetOptions {
  readonly url: string;
  readonly roles: Readonly<Record<Role, number>>;
  /** Processes that are warm and have no role yet. Default 0. */
  readonly spares?: number;
  /** Configuration besides `REDIS_URL`, by its variables. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stepMs?: RoleSettings['stepMs'];
  readonly stepConcurrency?: number;
  /** Workers serve the echo, the scripted and the harmful task too. Default false. */
  readonly otherTasks?: boolean;
  /** Workers serve so many more task types. Default 0. */
  readonly queueCount?: number;
  /** Node's own options of each process. */
  readonly execArgv?: readonly string[];
  /** Each process reaches this port of Redis through a proxy of its own; instead of `url`. */
  readonly proxied?: { readonly port: number };
  /** From `bundleRole`, when several fleets are opened. Default: one of its own. */
  readonly bundle?: BundledEntry;
}

/** What a process is asked to start. */
export type StartOrder = Extract<Order, { readonly type: 'start' }>['request'];

/** A process with a role. */
export interface Member {
  readonly pid: number;
  readonly role: Role;
  /** Settles when the process stands still at this place; rejects when it ends or does not get there in time. */
  hold(point: HoldPoint, withinMs: number): Promise<void>;
  /** Lets it go on from where it is held. */
  release(): void;
  /** SIGSTOP: no timer, no beat, no socket. */
  pause(): void;
  resume(): void;
  /** Its clock is off by so much from now on, ms; what Redis' clock says stays what it is. */
  skew(ms: number): void;
  /** Starts a run through this process; rejects when it ends before its answer. */
  start(request: StartOrder): Promise<{ readonly runId: RunId; readonly isNew: boolean }>;
  /** SIGTERM; answers how long it took to end, ms, and its exit code. After `withinMs` it is killed and the code is null. */
  terminate(withinMs: number): Promise<{ readonly tookMs: number; readonly code: number | null }>;
  /** What it reaches Redis through, where the fleet is proxied. */
  readonly proxy: TcpProxy | null;
  /** Calls of Redis by which its role lives, and which succeeded so far. */
  okCount(withinMs?: number): Promise<number>;
  /** What is alive on its heap, bytes; needs `--expose-gc` among the fleet’s `execArgv`. */
  liveHeap(): Promise<number>;
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>;
}

/** Processes that together are a Joinery. */
export interface ProcessFleet extends AsyncDisposable {
  readonly ledger: Ledger;
  /** Where the ledger is. */
  readonly ledgerFile: string;
  /** Every commit and refusal so far, in the order of writing. */
  commits(): readonly CommitLine[];
  members(role: Role): readonly Member[];
  /** Kills a member; a spare takes its role. */
  replace(member: Member): Promise<Member>;
  /** One more of a role, from the spares. */
  add(role: Role): Promise<Member>;
  /** As many of a role as there were at first, in place of those that have ended by themselves; answers how many had. */
  restock(role: Role): Promise<number>;
}

const entry = new URL('./role-process.ts', import.meta.url);

/** Bundles the program of role processes; the caller disposes of it after its fleets. */
export function bundleRole(): Promise<BundledEntry> {
  return bundleEntry(entry);
}

/** Starts the processes and waits until each has its role. */
export async function openFleet(options: FleetOptions): Promise<ProcessFleet> {
  const bundle = options.bundle ?? (await bundleRole());
  const dir = await mkdtemp(join(tmpdir(), 'joinery-fleet-'));
  const fleet = new RoleFleet(options, bundle, dir);
  try {
    await fleet.open();
  } catch (error) {
    await fleet[Symbol.asyncDispose]();
    throw error;
  }
  return fleet;
}

interface ProcessParts {
  readonly env: Readonly<Record<string, string>>;
  readonly execArgv: readonly string[];
  readonly proxy: TcpProxy | null;
}

class RoleProcess implements Member {
  role: Role = 'worker';
  readonly proxy: TcpProxy | null;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #waiting = new Map<Report['type'], (report: Report) => void>();

  constructor(file: string, settings: RoleSettings, { env, execArgv, proxy }: ProcessParts) {
    this.proxy = proxy;
    this.#child = fork(file, [JSON.stringify(settings)], {
      env: { ...env },
      execArgv: [...execArgv],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#exited = once(this.#child, 'exit');
    this.#child.on('message', (message) => {
      const report = reportSchema.parse(message);
      this.#waiting.get(report.type)?.(report);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async become(role: Role): Promise<void> {
    this.role = role;
    const running = this.heard('running', 20_000);
    this.#tell({ type: 'become', role });
    await running;
  }

  async hold(point: HoldPoint, withinMs: number): Promise<void> {
    const held = this.heard('held', withinMs);
    this.#tell({ type: 'hold', point });
    await held;
  }

  release(): void {
    this.#tell({ type: 'release' });
  }

  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  skew(ms: number): void {
    this.#tell({ type: 'skew', ms });
  }

  async start(request: StartOrder): Promise<{ readonly runId: RunId; readonly isNew: boolean }> {
    const started = this.heard('started', 20_000);
    this.#tell({ type: 'start', request });
    const report = await started;
    const runId = report.type === 'started' ? parseRunId(report.runId) : null;
    if (report.type !== 'started' || runId === null) throw new Error('no run was named');
    return { runId, isNew: report.isNew };
  }

  async terminate(
    withinMs: number,
  ): Promise<{ readonly tookMs: number; readonly code: number | null }> {
    const since = performance.now();
    this.#child.kill('SIGTERM');
    const isEnded = await settlesWithin(this.#exited, withinMs);
    const tookMs = performance.now() - since;
    if (!isEnded) await this.kill();
    return { tookMs, code: isEnded ? this.#child.exitCode : null };
  }

  async kill(): Promise<void> {
    if (this.isAlive) this.#child.kill('SIGKILL');
    await this.#exited;
  }

  async okCount(withinMs = 5_000): Promise<number> {
    const answered = this.heard('activity', withinMs);
    this.#tell({ type: 'ask' });
    const report = await answered;
    return report.type === 'activity' ? report.okCount : 0;
  }

  async liveHeap(): Promise<number> {
    const collected = this.heard('collected', 10_000);
    this.#tell({ type: 'collect' });
    const report = await collected;
    return report.type === 'collected' ? report.heapBytes : 0;
  }

  async heard(type: Report['type'], withinMs: number): Promise<Report> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const problem = `process ${this.pid} was not ${type} within ${withinMs} ms`;
      timer = setTimeout(() => reject(new Error(problem)), withinMs);
    });
    const said = new Promise<Report>((resolve) => {
      this.#waiting.set(type, resolve);
    });
    const ended = this.#exited.then((): never => {
      throw new Error(`process ${this.pid} ended before it was ${type}`);
    });
    try {
      return await Promise.race([said, late, ended]);
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(type);
    }
  }

  #tell(order: Order): void {
    // A process that has just ended hears nothing; whoever waits for an answer learns that it has ended.
    if (this.#child.connected) this.#child.send(order, () => undefined);
  }
}

class RoleFleet implements ProcessFleet {
  readonly ledger: Ledger;
  readonly ledgerFile: string;
  readonly #options: FleetOptions;
  readonly #bundle: BundledEntry;
  readonly #dir: string;
  readonly #members: RoleProcess[] = [];
  readonly #spares: Promise<RoleProcess>[] = [];
  readonly #all: RoleProcess[] = [];
  readonly #proxies: TcpProxy[] = [];

  constructor(options: FleetOptions, bundle: BundledEntry, dir: string) {
    this.#options = options;
    this.#bundle = bundle;
    this.#dir = dir;
    this.ledgerFile = join(dir, 'ledger');
    this.ledger = openLedger(this.ledgerFile);
  }

  async open(): Promise<void> {
    const { roles, spares = 0 } = this.#options;
    const wanted = Object.values(roles).reduce((sum, count) => sum + count, spares);
    for (let count = 0; count < wanted; count += 1) this.#warmUp();
    for (const role of ['scheduler', 'sweeper', 'coordinator', 'worker'] as const) {
      for (let count = 0; count < roles[role]; count += 1) await this.#give(role);
    }
  }

  members(role: Role): readonly Member[] {
    return this.#members.filter((member) => member.role === role && member.isAlive);
  }

  commits(): readonly CommitLine[] {
    const file = join(this.#dir, 'commits');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    return lines
      .filter((line) => line !== '')
      .map((line) => commitLineSchema.parse(JSON.parse(line)));
  }

  async replace(member: Member): Promise<Member> {
    await member.kill();
    return this.add(member.role);
  }

  async restock(role: Role): Promise<number> {
    const missing = this.#options.roles[role] - this.members(role).length;
    for (let count = 0; count < missing; count += 1) await this.add(role);
    return Math.max(0, missing);
  }

  async add(role: Role): Promise<Member> {
    this.#warmUp();
    return this.#give(role);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#all.map((member) => member.kill()));
    await Promise.allSettled(this.#spares);
    await Promise.all(this.#proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
    if (!this.#options.bundle) await this.#bundle[Symbol.asyncDispose]();
    await rm(this.#dir, { recursive: true, force: true });
  }

  #warmUp(): void {
    const spare = this.#startSpare();
    // Its failure is told to whoever wants the spare.
    spare.catch(() => undefined);
    this.#spares.push(spare);
  }

  /** Starts a process that has no role yet. */
  async #startSpare(): Promise<RoleProcess> {
    const { proxied, env = {}, stepMs = [0, 0], stepConcurrency = 10 } = this.#options;
    const { otherTasks = false, queueCount = 0, execArgv = [] } = this.#options;
    const settings: RoleSettings = {
      ledger: this.ledgerFile,
      commits: join(this.#dir, 'commits'),
      stepMs,
      stepConcurrency,
      otherTasks,
      queueCount,
      lock: testLock(),
    };
    const proxy = proxied ? await openTcpProxy(proxied.port) : null;
    if (proxy) this.#proxies.push(proxy);
    const variables = { ...lockEnv(), ...env, REDIS_URL: proxy?.url ?? this.#options.url };
    const spare = new RoleProcess(this.#bundle.file, settings, { env: variables, execArgv, proxy });
    this.#all.push(spare);
    await spare.heard('ready', 60_000);
    return spare;
  }

  async #give(role: Role): Promise<RoleProcess> {
    const spare = await this.#spares.shift();
    if (spare === undefined) throw new Error('there is no spare process');
    await spare.become(role);
    this.#members.push(spare);
    return spare;
  }
}
