import { type Logger } from './logger.ts';
import { type ServiceGroup, type StopReport } from './lifecycle.ts';

/** The exit codes of every Joinery process. */
export const exitCodes = {
  /** Stopped because it was asked to, and everything ended in time. */
  ok: 0,
  /** Could not start, broke, or had to leave something hanging. */
  failed: 1,
  /** The configuration is wrong (EX_CONFIG of sysexits); starting again does not help. */
  config: 78,
  /** A second SIGINT, SIGTERM: left at once, work in hand dropped (128 + the signal's number). */
  forcedBySigint: 130,
  forcedBySigterm: 143,
} as const;

/** What a process can hear from outside, as `node:process` has it. */
export type ProcessEvent = 'SIGTERM' | 'SIGINT' | 'uncaughtException' | 'unhandledRejection';

/** The part of `node:process` that is needed; a port, so that tests send signals without any. */
export interface ProcessHost {
  on(event: ProcessEvent, listener: (cause: unknown) => void): unknown;
  off(event: ProcessEvent, listener: (cause: unknown) => void): unknown;
  exit(code: number): void;
}

/** What runs in this process. */
export interface RunProcessOptions {
  readonly group: ServiceGroup;
  readonly logger: Logger;
  /** Ends the run from inside, as a first signal does. */
  readonly signal?: AbortSignal;
  /** Ends the run as an error does that nobody caught: with code 1. */
  readonly broken?: AbortSignal;
  /** Default: this process. */
  readonly host?: ProcessHost;
}

/**
 * Runs the services until SIGTERM or SIGINT, then stops them and answers the exit code; the caller exits with it. A
 * second signal exits at once. An error that nobody caught stops the services too and makes the code 1: the state of the
 * process is unknown, and another one can take over.
 */
export async function runProcess(options: RunProcessOptions): Promise<number> {
  const { group, logger, host = process } = options;
  const ending = listen(host, logger, options);
  try {
    // A stop that is asked for in the middle of a start does not wait for it: group.stop() interrupts it.
    await Promise.race([group.start(), ending.ended]);
    const cause = await ending.ended;
    const report = await group.stop();
    return cause === 'asked' && isClean(report) ? exitCodes.ok : exitCodes.failed;
  } catch (err) {
    logger.error({ event: 'process.start-failed', err }, 'a service did not start');
    return exitCodes.failed;
  } finally {
    ending.unlisten();
  }
}

function isClean(report: StopReport): boolean {
  return report.hanging.length + report.failed.length === 0;
}

interface Ending {
  readonly ended: Promise<'asked' | 'broken'>;
  readonly unlisten: () => void;
}

function listen(
  host: ProcessHost,
  logger: Logger,
  { signal, broken }: Pick<RunProcessOptions, 'signal' | 'broken'>,
): Ending {
  const listeners = new Map<ProcessEvent, (cause: unknown) => void>();
  const ended = new Promise<'asked' | 'broken'>((resolve) => {
    let isAsked = false;
    const onSignal = (name: 'SIGINT' | 'SIGTERM') => (): void => {
      if (isAsked)
        host.exit(name === 'SIGINT' ? exitCodes.forcedBySigint : exitCodes.forcedBySigterm);
      isAsked = true;
      logger.info(
        { event: 'process.asked-to-stop', signal: name },
        'stopping; once more to leave at once',
      );
      resolve('asked');
    };
    const onError = (err: unknown): void => {
      logger.error({ event: 'process.broken', err }, 'an error that nobody caught; stopping');
      resolve('broken');
    };
    listeners.set('SIGINT', onSignal('SIGINT')).set('SIGTERM', onSignal('SIGTERM'));
    listeners.set('uncaughtException', onError).set('unhandledRejection', onError);
    resolveAt(signal, () => resolve('asked'));
    resolveAt(broken, () => resolve('broken'));
  });
  for (const [event, listener] of listeners) host.on(event, listener);
  const unlisten = (): void => {
    for (const [event, listener] of listeners) host.off(event, listener);
  };
  return { ended, unlisten };
}

function resolveAt(signal: AbortSignal | undefined, resolve: () => void): void {
  if (signal?.aborted) resolve();
  signal?.addEventListener('abort', resolve);
}
