import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { probeRedis, readProbe } from './redis-probe.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function answering(text: string): Promise<number> {
  const server = createServer((socket) => socket.end(text));
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

describe('a probe of a port', () => {
  it('waits for both answers, and knows a server that loads', () => {
    const first = '$20\r\nredis_version:7\r\nrun_id:abc123\r\n\r\n';
    expect(readProbe(first)).toBeUndefined();
    const loading = `${first}$10\r\nloading:1\r\n\r\n`;
    expect(readProbe(loading)).toEqual({ type: 'redis', runId: 'abc123', isLoading: true });
  });

  it('takes no other server for a Redis, and none for what asks for a password', async () => {
    expect(await probeRedis(await answering('HTTP/1.1 400 Bad Request\r\n'))).toEqual({
      type: 'other',
    });
    expect(readProbe('-NOAUTH Authentication required.\r\n')).toEqual({ type: 'other' });
  });

  it('finds nothing where nothing listens', async () => {
    const port = await answering('');
    for (const server of servers.splice(0)) server.close();
    expect(await probeRedis(port)).toEqual({ type: 'absent' });
  });
});
