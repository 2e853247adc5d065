/*
 * A proxy on loopback before one port, with the faults of a network on demand.
 * Ownership: its server and both ends of each connection.
 * Interface: latency, reset, loseReplies, retarget, hang, heal.
 * Invariant: bytes pass in order and whole, or the connection ends; nothing is changed or repeated.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A proxy and its faults. */
export interface TcpProxy extends AsyncDisposable {
  readonly url: string;
  /** Each piece of bytes waits this long in both directions, from now on; ms. */
  delayBy(ms: number): void;
  /** Ends this share (0 to 1) of the connections with a reset; answers how many. */
  reset(share: number, random: () => number): number;
  /**
   * From now on the next reply on each connection is dropped and the connection ended: what was asked has been done, and
   * nobody was told. Answers, at `heal`, on how many connections that happened.
   */
  loseReplies(): void;
  /**
   * The next reply to a call of one of these scripts (by its hash), on a connection that waits for nothing else, is
   * dropped and the connection ended: that call was carried out. Then replies pass again.
   */
  loseOne(scripts: readonly string[]): void;
  /** Replies that were lost since `loseReplies` or `loseOne`. */
  lostCount(): number;
  /** New connections go to another port of 127.0.0.1; those that are there stay where they are. */
  retarget(port: number): void;
  /** Nothing passes and nothing ends. */
  hang(): void;
  /** Bytes pass again; answers how many replies were lost since `loseReplies`. */
  heal(): number;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  /** Something was asked, and nothing has been answered since. */
  isWaiting: boolean;
  /** What it waits for is one of those whose reply is to be lost. */
  isMarked: boolean;
}

/** Opens a proxy before `port` on 127.0.0.1. */
export async function openTcpProxy(port: number): Promise<TcpProxy> {
  const links = new Set<Link>();
  let delayMs = 0;
  let target = port;
  let mode: 'open' | 'lose-replies' | 'lose-one' | 'hang' = 'open';
  let losable: readonly string[] = [];
  let lostCount = 0;
  const end = (link: Link): void => {
    links.delete(link);
    link.client.destroy();
    link.server.destroy();
  };
  const listener = createServer({ noDelay: true }, (client) => {
    const server = connect({ port: target, host: '127.0.0.1', noDelay: true });
    const link: Link = { client, server, isWaiting: false, isMarked: false };
    links.add(link);
    for (const socket of [link.client, link.server]) {
      socket.on('error', () => end(link));
      socket.on('close', () => end(link));
      if (mode === 'hang') socket.pause();
    }
    const ask = inOrder(link.server, () => delayMs);
    const answer = inOrder(client, () => delayMs);
    client.on('data', (bytes) => {
      if (!link.isWaiting) link.isMarked = mode === 'lose-one' && isCallOf(bytes, losable);
      link.isWaiting = true;
      ask(bytes);
    });
    link.server.on('data', (bytes) => {
      const isLost = mode === 'lose-replies' || (mode === 'lose-one' && link.isMarked);
      link.isWaiting = false;
      if (!isLost) return answer(bytes);
      if (mode === 'lose-one') mode = 'open';
      lostCount += 1;
      client.resetAndDestroy();
      end(link);
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  const own = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `redis://127.0.0.1:${own}`,
    delayBy: (ms) => {
      delayMs = ms;
    },
    reset: (share, random) => {
      const hit = [...links].filter(() => random() < share);
      for (const link of hit) {
        link.client.resetAndDestroy();
        end(link);
      }
      return hit.length;
    },
    loseReplies: () => {
      lostCount = 0;
      mode = 'lose-replies';
    },
    loseOne: (scripts) => {
      lostCount = 0;
      losable = scripts;
      mode = 'lose-one';
    },
    lostCount: () => lostCount,
    retarget: (to) => {
      target = to;
    },
    hang: () => {
      mode = 'hang';
      for (const { client, server } of links) {
        client.pause();
        server.pause();
      }
    },
    heal: () => {
      mode = 'open';
      delayMs = 0;
      for (const { client, server } of links) {
        client.resume();
        server.resume();
      }
      return lostCount;
    },
    async [Symbol.asyncDispose]() {
      for (const link of links) end(link);
      listener.close();
      await once(listener, 'close');
    },
  };
}

/** Calls that are sent together are carried out together, before the first of them is answered. */
function isCallOf(bytes: Buffer, scripts: readonly string[]): boolean {
  return scripts.some((hash) => bytes.includes(hash));
}

/** Writes each piece after the delay of its moment, and never before an earlier one. */
function inOrder(to: Socket, delayMs: () => number): (bytes: Buffer) => void {
  const write = async (earlier: Promise<void>, bytes: Buffer, dueAt: number): Promise<void> => {
    await earlier;
    const leftMs = dueAt - performance.now();
    if (leftMs > 0) await delay(leftMs);
    if (to.writable) to.write(bytes);
  };
  let last = Promise.resolve();
  return (bytes) => {
    last = write(last, bytes, performance.now() + delayMs());
  };
}
