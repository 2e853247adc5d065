import { once } from 'node:events';
import { connect } from 'node:net';

/** One command as MONITOR shows it. */
export interface MonitoredCommand {
  readonly args: readonly string[];
  /** A script ran it, no client. */
  readonly isNested: boolean;
}

/**
 * Listens to everything that Redis does, from the moment that this resolves until disposal. On a socket of its own:
 * ioredis' monitor fails when commands come in together with the reply that turns it on.
 */
export async function monitorRedis(
  url: string,
  onCommand: (command: MonitoredCommand) => void,
): Promise<Disposable> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  let rest = '';
  const isOn = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('latin1')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '+OK') resolve();
        else onCommand(commandOf(line));
      }
    });
  });
  socket.write('MONITOR\r\n');
  await isOn;
  return { [Symbol.dispose]: () => socket.destroy() };
}

/** `+<time> [<db> <source>] "name" "argument" …` */
export function commandOf(line: string): MonitoredCommand {
  const source = /^\+\S+ \[\d+ ([^\]]*)\]/.exec(line);
  const quoted = line.slice(source?.[0].length ?? 0).matchAll(/"((?:[^"\\]|\\.)*)"/g);
  return { args: [...quoted].map(([, arg = '']) => arg), isNested: source?.[1] === 'lua' };
}
