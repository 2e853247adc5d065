import { afterEach, describe, expect, it } from 'vitest';
import { createHealthServer, type HealthReport, type HealthServer } from './health-server.ts';

const signal = new AbortController().signal;
const running: HealthServer[] = [];

async function serve(check: () => Promise<HealthReport>): Promise<HealthServer> {
  const server = createHealthServer({ role: 'sweeper', host: '127.0.0.1', port: 0, check });
  running.push(server);
  await server.start(signal);
  return server;
}

async function ask(server: HealthServer, path = '/health', method = 'GET') {
  const response = await fetch(`http://127.0.0.1:${server.port()}${path}`, { method });
  const body: unknown = await response.json();
  return { status: response.status, body };
}

const well = async (): Promise<HealthReport> => ({ isHealthy: true, details: { redis: 'ready' } });

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

describe('health server', () => {
  it('answers 200 with the report when healthy', async () => {
    expect(await ask(await serve(well))).toEqual({
      status: 200,
      body: { healthy: true, role: 'sweeper', isDraining: false, details: { redis: 'ready' } },
    });
  });

  it('answers 503 when it is not, or when the check throws, without telling the error to everybody', async () => {
    const ill = await serve(async () => ({ isHealthy: false, details: { redis: 'lost' } }));
    expect(await ask(ill)).toMatchObject({ status: 503, body: { details: { redis: 'lost' } } });
    const broken = await serve(() => Promise.reject(new Error('redis://u:hunter2@h')));
    const answer = await ask(broken);
    expect(answer).toMatchObject({ status: 503, body: { healthy: false } });
    expect(JSON.stringify(answer.body)).not.toContain('hunter2');
  });

  it('answers 503 within a few seconds when the check hangs', async () => {
    const hanging = await serve(() => new Promise(() => undefined));
    expect(await ask(hanging)).toMatchObject({
      status: 503,
      body: { details: { error: 'the health check did not finish within 2000 ms' } },
    });
  });

  it('answers 503 while draining', async () => {
    const server = await serve(well);
    await server.drain();
    expect(await ask(server)).toMatchObject({ status: 503, body: { isDraining: true } });
  });

  it('drains its process when it is asked to, if it knows how', async () => {
    let asked = 0;
    const drain = (): void => {
      asked += 1;
    };
    const options = { role: 'sweeper', host: '127.0.0.1', port: 0, check: well };
    const server = createHealthServer({ ...options, drain });
    running.push(server);
    await server.start(signal);
    expect((await ask(server, '/drain', 'GET')).status).toBe(404);
    expect(await ask(server, '/drain', 'POST')).toMatchObject({ status: 202 });
    expect([asked, (await ask(server)).status]).toEqual([1, 503]);
    expect((await ask(await serve(well), '/drain', 'POST')).status).toBe(404);
  });

  it('has nothing else to say', async () => {
    const server = await serve(well);
    expect((await ask(server, '/')).status).toBe(404);
    expect((await ask(server, '/health', 'POST')).status).toBe(404);
  });

  it('fails to start on a port that is taken, and stops whether it started or not', async () => {
    const first = await serve(well);
    const second = createHealthServer({
      role: 'sweeper',
      host: '127.0.0.1',
      port: first.port(),
      check: well,
    });
    await expect(second.start(signal)).rejects.toThrow('EADDRINUSE');
    await second.stop();
    await first.stop();
    await first.stop();
    expect(first.port()).toBe(0);
  });
});
