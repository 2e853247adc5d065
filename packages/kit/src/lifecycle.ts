/**
 * Ownership: a group owns the starting and stopping of its services, and their order.
 * Interface: start, then stop; stop may come at any time, also during start, and more than once. drain may come before.
 * Invariants:
 *  G1 services start in the given order and stop in the reverse: what is used outlives its users.
 *  G2 when one does not start, those before it are stopped again, and the failure is the answer.
 *  G3 stop ends within drainTimeoutMs + stopTimeoutMs per service, even if every service hangs.
 *  G4 each service that began to start is stopped, once, whatever else fails.
 */
import { settlesWithin } from './deadline.ts';
import { type Logger } from './logger.ts';
import { systemTimers, type Timers } from './timers.ts';

/** Something that runs in a process until it is told to stop. */
export interface Service {
  /** For logs and for messages about what hangs. */
  readonly name: string;
  /** Resolves when ready to work. The signal fires when the process gives up starting. */
  start(signal: AbortSignal): Promise<void>;
  /** Takes no new work and resolves when the work in hand is done. */
  drain(): Promise<void>;
  /** Drops what is left and lets go of every resource. Also called after a failed start or drain. */
  stop(): Promise<void>;
}

/** What a group is made of. */
export interface ServiceGroupOptions {
  readonly services: readonly Service[];
  readonly logger: Logger;
  /** How long the services may finish the work in hand, all together, in ms. */
  readonly drainTimeoutMs: number;
  /** How long each may take to let go, in ms. Default 5,000. */
  readonly stopTimeoutMs?: number;
  readonly timers?: Timers;
}

/** How a stop went. Nothing in the lists: everything ended by itself, in time. */
export interface StopReport {
  readonly undrained: readonly string[];
  readonly hanging: readonly string[];
  readonly failed: readonly string[];
}

/** Services that live and die together. */
export interface ServiceGroup {
  /** Starts all, one after the other. Rejects with the first failure, when the others have been stopped again. */
  start(): Promise<void>;
  /** Begins to take no new work, and answers when all is done or its bound is over. `stop` then goes on from there. */
  drain(): Promise<void>;
  /** Drains and stops all. Never rejects; later calls answer the same report. */
  stop(): Promise<StopReport>;
}

/** Creates a group; nothing runs until it is started. */
export function createServiceGroup(options: ServiceGroupOptions): ServiceGroup {
  return new OrderedGroup(options);
}

class OrderedGroup implements ServiceGroup {
  readonly #options: ServiceGroupOptions;
  readonly #timers: Timers;
  readonly #stopTimeoutMs: number;
  readonly #starting = new AbortController();
  /** Those that began to start, first to last. */
  readonly #begun: Service[] = [];
  readonly #ready = new Set<Service>();
  readonly #failed = new Set<string>();
  #draining: Promise<readonly string[]> | undefined;
  #stopping: Promise<StopReport> | undefined;

  constructor(options: ServiceGroupOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
    this.#stopTimeoutMs = options.stopTimeoutMs ?? 5_000;
  }

  async start(): Promise<void> {
    const { services, logger } = this.#options;
    try {
      for (const service of services) {
        this.#starting.signal.throwIfAborted();
        this.#begun.push(service);
        await service.start(this.#starting.signal);
        this.#ready.add(service);
        logger.info({ event: 'service.started', service: service.name }, 'service started');
      }
    } catch (err) {
      await this.stop();
      throw err;
    }
  }

  async drain(): Promise<void> {
    this.#starting.abort(new Error('the process is stopping'));
    this.#draining ??= this.#drainAll();
    await this.#draining;
  }

  stop(): Promise<StopReport> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<StopReport> {
    await this.drain();
    const undrained = (await this.#draining) ?? [];
    const hanging: string[] = [];
    for (const service of this.#begun.toReversed()) {
      const stopped = this.#attempt(service, 'stop');
      if (!(await settlesWithin(stopped, this.#stopTimeoutMs, this.#timers))) {
        hanging.push(service.name);
      }
    }
    const report = { undrained, hanging, failed: [...this.#failed] };
    this.#log(report);
    return report;
  }

  /** All drain at once, since one may wait for another, and share one bound. Answers who did not finish. */
  async #drainAll(): Promise<readonly string[]> {
    const { drainTimeoutMs } = this.#options;
    const outcomes = await Promise.all(
      [...this.#ready].map(async (service) => {
        const drained = this.#attempt(service, 'drain');
        const isDrained = await settlesWithin(drained, drainTimeoutMs, this.#timers);
        return { name: service.name, isDrained };
      }),
    );
    return outcomes.filter((outcome) => !outcome.isDrained).map((outcome) => outcome.name);
  }

  async #attempt(service: Service, step: 'drain' | 'stop'): Promise<void> {
    try {
      await service[step]();
    } catch (err) {
      this.#failed.add(service.name);
      const fields = { event: 'service.stop-failed', service: service.name, step, err };
      this.#options.logger.error(fields, 'a service failed while stopping; the others go on');
    }
  }

  #log(report: StopReport): void {
    const isClean = report.undrained.length + report.hanging.length + report.failed.length === 0;
    const fields = { event: 'services.stopped', ...report };
    if (isClean) this.#options.logger.info(fields, 'all services stopped');
    else this.#options.logger.warn(fields, 'services stopped, some not by themselves');
  }
}
