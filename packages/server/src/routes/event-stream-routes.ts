import { runQueryOf } from '@joinery/contract';
import { isTerminalRun, type RecordedEvent, type RunEntry, type RunId } from '@joinery/core';
import { listRunsAfter } from '@joinery/engine';
import { type FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { type EventStream, EventStreams } from '../event-stream.ts';
import { catchUp, indexPorts } from '../find-runs.ts';
import { publicEvent } from '../public-event.ts';
import { runPath, whole } from '../request-shape.ts';
import { findRun } from '../run-view.ts';
import { type RouteParts, type ServerState } from '../server-parts.ts';

const TAGS = ['events'];
/** One LRANGE each time. */
const LOOK_EVERY_MS = 250;
/** One search each time. */
const LIST_EVERY_MS = 1_000;
const PAGE = 200;

/**
 * Server-sent events: the history of one run as it grows, to its end; the first runs of a list as they change. A client
 * that comes again with `Last-Event-ID` gets what it has missed. A server that leaves ends its streams.
 */
export function addEventStreamRoutes(api: Api, parts: RouteParts, state: ServerState): void {
  const streams = new EventStreams();
  const mayGoOn = (stream: EventStream): boolean => !stream.isOver && !state.isDraining();
  const quietly = (stream: EventStream, work: Promise<void>): void => {
    work
      .catch((err: unknown) => {
        parts.logger.warn({ event: 'stream.failed', err }, 'its client comes again');
      })
      .finally(() => stream.end());
  };
  api.get(
    '/api/runs/:id/events',
    { schema: { tags: TAGS, params: runPath } },
    async (request, reply) => {
      const { id } = await findRun(parts.engine, request.params.id);
      const stream = streams.open(reply);
      const from = Number(/^\d{1,9}$/.exec(lastIdOf(request))?.[0] ?? 0) + 1;
      quietly(stream, followRun(parts, id, { stream, from, mayGoOn }));
      return reply;
    },
  );
  const query = z.object({
    query: z.string().max(10_000).default(''),
    freeText: z.string().max(1_000).default('*'),
    size: whole(1, 200).default(50),
  });
  api.get(
    '/api/runs/events',
    { schema: { tags: TAGS, querystring: query } },
    async (request, reply) => {
      const { size, ...text } = request.query;
      const wanted = runQueryOf({ ...text, sort: '' });
      const stream = streams.open(reply);
      const look = async (): Promise<readonly RunEntry[]> => {
        await catchUp(parts);
        return (await listRunsAfter(indexPorts(parts), wanted, { after: null, size })).entries;
      };
      quietly(stream, followList(look, { stream, lastId: lastIdOf(request), mayGoOn }));
      return reply;
    },
  );
}

function lastIdOf({ headers }: FastifyRequest): string {
  const id = headers['last-event-id'];
  return typeof id === 'string' ? id : '';
}

interface Following {
  readonly stream: EventStream;
  readonly mayGoOn: (stream: EventStream) => boolean;
}

/** Ends after the last event of a run that has ended, or that is gone. */
async function followRun(
  { engine: { store } }: RouteParts,
  runId: RunId,
  { stream, from, mayGoOn }: Following & { readonly from: number },
): Promise<void> {
  let next = from;
  while (mayGoOn(stream)) {
    // Before the events: a run that has ended by now has all of them.
    const run = await store.find(runId);
    const events: readonly RecordedEvent[] = await store.history(runId, next, PAGE);
    for (const event of events) {
      await stream.send({
        id: String(event.version),
        event: event.event.type,
        data: publicEvent(event),
      });
      next = event.version + 1;
    }
    if (run === null || (isTerminalRun(run.status) && next > run.version)) return;
    if (events.length < PAGE) await stream.idle(LOOK_EVERY_MS);
  }
}

/** Sends the whole list when it is another one than the client has. */
async function followList(
  look: () => Promise<readonly RunEntry[]>,
  { stream, lastId, mayGoOn }: Following & { readonly lastId: string },
): Promise<void> {
  let known = lastId;
  while (mayGoOn(stream)) {
    const runs = await look();
    const id = createHash('sha256').update(JSON.stringify(runs)).digest('base64url');
    if (id !== known) await stream.send({ id, event: 'runs', data: { runs } });
    known = id;
    await stream.idle(LIST_EVERY_MS);
  }
}
