import { connect } from 'node:net';

/** What answers at a port of this machine. `absent`: nothing listens; `silent`: something does, and says nothing. */
export type ProbeAnswer =
  | { readonly type: 'redis'; readonly runId: string; readonly isLoading: boolean }
  | { readonly type: 'absent' | 'silent' | 'other' };

/** A Redis on the same machine answers in a millisecond; one that loads or forks, in less than this. */
const ANSWER_WITHIN_MS = 2_000;

/** Asks a port on loopback whether a Redis is there, and which start of it. Never throws. */
export function probeRedis(port: number): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: '127.0.0.1', port });
    const answer = (reply: ProbeAnswer): void => {
      socket.destroy();
      resolve(reply);
    };
    socket.setTimeout(ANSWER_WITHIN_MS, () => {
      answer({ type: 'silent' });
    });
    // The plain form, which needs no client: both sections, whatever the state of the server.
    socket.once('connect', () => socket.write('INFO server\r\nINFO persistence\r\n'));
    socket.on('data', (chunk) => {
      text += chunk.toString();
      const reply = readProbe(text);
      if (reply) answer(reply);
    });
    socket.once('error', () => {
      answer({ type: 'absent' });
    });
    socket.once('close', () => {
      answer({ type: text === '' ? 'absent' : 'other' });
    });
  });
}

/** Reads what has arrived so far; undefined = not all of it. */
export function readProbe(text: string): ProbeAnswer | undefined {
  if (text !== '' && !text.startsWith('$')) return { type: 'other' };
  const runId = /^run_id:([0-9a-f]+)\r?$/m.exec(text)?.[1];
  const loading = /^loading:([01])\r?$/m.exec(text)?.[1];
  if (runId === undefined || loading === undefined) return undefined;
  return { type: 'redis', runId, isLoading: loading === '1' };
}
