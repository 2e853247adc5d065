import { type Terminal } from './terminal.ts';

/** A command that waits, until somebody presses Ctrl-C. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

/** Listens for SIGINT and SIGTERM. The second one ends the process, since nobody listens any more. */
export function listenForInterruption(terminal: Terminal): Interruption {
  const controller = new AbortController();
  const interrupt = (): void => {
    unlisten();
    controller.abort();
  };
  const unlisten = (): void => {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    terminal.signal?.removeEventListener('abort', interrupt);
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  terminal.signal?.addEventListener('abort', interrupt, { once: true });
  if (terminal.signal?.aborted) interrupt();
  return { signal: controller.signal, [Symbol.dispose]: unlisten };
}
