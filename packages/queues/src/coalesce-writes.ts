import { type Duplex } from 'node:stream';

/**
 * Lets what is written in one turn of the event loop leave in one system call. A client of Redis writes each command by
 * itself; on a busy process many of them are made in answer to the same packet, and each would cost a call on both sides.
 * Nothing is delayed: the writes leave before the process waits for anything.
 */
export function coalesceWrites(socket: Pick<Duplex, 'write' | 'cork' | 'uncork'>): void {
  const write = socket.write.bind(socket);
  let isCorked = false;
  const release = (): void => {
    isCorked = false;
    socket.uncork();
  };
  const corked = (...args: Parameters<typeof write>): boolean => {
    if (!isCorked) {
      isCorked = true;
      socket.cork();
      // After the promises of this turn, before any input or timer.
      process.nextTick(release);
    }
    return write(...args);
  };
  Object.assign(socket, { write: corked });
}
