import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiBench, openBench } from './fixtures/api-bench.ts';

let bench: ApiBench;
beforeAll(async () => {
  bench = await openBench();
  const tasks = [{ name: 'hold', taskReferenceName: 'hold', type: 'WAIT' }];
  await bench.call('PUT', '/api/metadata/workflow', [{ name: 'held', version: 1, tasks }]);
});
afterAll(() => bench.end());

const started = z.object({
  runs: z.array(z.looseObject({ runId: z.string(), status: z.string() })),
});

const runEvent = z.object({
  version: z.number(),
  event: z.looseObject({ type: z.string() }),
});
type RunEvent = z.output<typeof runEvent>;

/** The events of a run, as a client gets them. */
async function* eventsOf(id: string, after = 0): AsyncGenerator<RunEvent> {
  const headers = { 'last-event-id': String(after) };
  const response = await fetch(`${bench.url}/api/runs/${id}/events`, { headers });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  if (response.body === null) return;
  let text = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + piece).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, data = ''] = /^data: (.*)$/mu.exec(block) ?? [];
      yield runEvent.parse(JSON.parse(data));
    }
  }
}

async function start(): Promise<string> {
  return String((await bench.call('POST', '/api/workflow', { name: 'held' })).body);
}

describe('the events of a run', () => {
  it('come as they happen, each once, and end with it', async () => {
    const id = await start();
    const came: RunEvent[] = [];
    for await (const event of eventsOf(id)) {
      came.push(event);
      if (event.event.type === 'run.started')
        await bench.call('POST', `/api/tasks/${id}/COMPLETED/signal/sync`, {});
    }
    expect(came.map(({ version }) => version)).toEqual(came.map((_event, index) => index + 1));
    expect(came.at(-1)?.event.type).toBe('run.ended');
    const seen = came[1]?.version ?? 0;
    const rest: RunEvent[] = [];
    for await (const event of eventsOf(id, seen)) rest.push(event);
    expect(rest).toEqual(came.slice(seen));
  });

  it('say nothing by which a reader could pose as a worker', async () => {
    const tasks = [{ name: 'streamed', taskReferenceName: 't', type: 'SIMPLE' }];
    await bench.call('PUT', '/api/metadata/workflow', [{ name: 'streamed', version: 1, tasks }]);
    const id = String((await bench.call('POST', '/api/workflow', { name: 'streamed' })).body);
    await bench.call('GET', '/api/tasks/poll/batch/streamed?timeout=2000');
    const begun: RunEvent[] = [];
    for await (const event of eventsOf(id)) {
      begun.push(event);
      if (event.event.type === 'task.started') break;
    }
    expect(begun.at(-1)?.event).toMatchObject({ type: 'task.started', token: '' });
    const history = await bench.call('GET', `/api/runs/${id}/history`);
    expect(JSON.stringify(history.body)).not.toMatch(/"token":"[^"]/u);
  });

  it('are 404 for a run that is not there', async () => {
    expect((await bench.call('GET', '/api/runs/00-nobody00/events')).status).toBe(404);
  });
});

describe('the events of a list', () => {
  it('are the list anew when it has changed, and nothing to who has it', async () => {
    const query = new URLSearchParams({ query: 'workflowType = held AND status = RUNNING' });
    const leaving = new AbortController();
    const id = await start();
    const read = async (headers: Record<string, string>) => {
      const { body } = await fetch(`${bench.url}/api/runs/events?${query}`, {
        headers,
        signal: leaving.signal,
      });
      if (body === null) throw new Error('no stream');
      return body.pipeThrough(new TextDecoderStream()).getReader();
    };
    const reader = await read({});
    const first = String((await reader.read()).value);
    expect(runsIn(first)).toContain(id);
    const other = await start();
    expect(runsIn(String((await reader.read()).value))).toContain(other);
    await bench.call('DELETE', `/api/workflow/${other}`);
    const last = String((await reader.read()).value);
    expect(runsIn(last)).not.toContain(other);
    const [, lastId = ''] = /^id: (.*)$/mu.exec(last) ?? [];
    const again = await read({ 'last-event-id': lastId });
    const next = again.read();
    const third = await start();
    expect(runsIn(String((await next).value))).toContain(third);
    leaving.abort();
  });
});

function runsIn(text: string): readonly string[] {
  const [, data = '{}'] = /^data: (.*)$/mu.exec(text) ?? [];
  return started.parse(JSON.parse(data)).runs.map(({ runId }) => runId);
}
