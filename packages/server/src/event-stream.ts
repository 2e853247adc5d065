/*
 * Server-sent events to one client.
 * Ownership: a stream owns its socket from `open` on.
 * Invariants:
 *  E1 nothing is kept for a client that reads slowly: the sender waits, and gives up after SLOW_LIMIT_MS.
 *  E2 at most STREAMS_LIMIT of them per server; the next one is answered 503.
 *  E3 a client and whatever is between hears something at least every HEARTBEAT_MS.
 */
import { joineryError } from '@joinery/core';
import { settlesWithin } from '@joinery/kit';
import { type FastifyReply } from 'fastify';
import { setTimeout as delay } from 'node:timers/promises';

/** Each is a look at Redis some times a second. */
const STREAMS_LIMIT = 200;
/** Proxies cut what is silent for a minute. */
const HEARTBEAT_MS = 15_000;
const SLOW_LIMIT_MS = 30_000;

/** One event. `id` is what a client gives back to go on from here. */
export interface StreamEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** Opens streams, as many as one server may have. */
export class EventStreams {
  #count = 0;

  /** Answers a request with a stream. Throws JN_SERVER_OVERLOADED when there are too many. */
  open(reply: FastifyReply): EventStream {
    if (this.#count >= STREAMS_LIMIT) {
      throw joineryError('JN_SERVER_OVERLOADED', { what: 'event streams', count: this.#count });
    }
    this.#count += 1;
    reply.raw.once('close', () => {
      this.#count -= 1;
    });
    return new EventStream(reply);
  }
}

/** A stream to one client. */
export class EventStream {
  readonly #reply: FastifyReply;
  readonly #gone = new AbortController();
  #sentAt = performance.now();

  constructor(reply: FastifyReply) {
    this.#reply = reply;
    reply.hijack();
    const { raw } = reply;
    raw.once('close', () => this.#gone.abort());
    const headers = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
    raw.writeHead(200, { ...this.#ownHeaders(), ...headers });
    raw.flushHeaders();
  }

  get isOver(): boolean {
    return this.#gone.signal.aborted;
  }

  /** Returns when the client may have more. */
  async send({ id, event, data }: StreamEvent): Promise<void> {
    await this.#write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Nothing has happened: waits, and shows that the stream lives. */
  async idle(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#gone.signal }).catch(() => undefined);
    if (performance.now() - this.#sentAt > HEARTBEAT_MS) await this.#write(':\n\n');
  }

  end(): void {
    this.#reply.raw.end();
  }

  async #write(text: string): Promise<void> {
    const { raw } = this.#reply;
    if (this.isOver) return;
    this.#sentAt = performance.now();
    if (raw.write(text)) return;
    const isRead = await settlesWithin(
      new Promise<void>((resolve) => {
        raw.once('drain', resolve);
        raw.once('close', resolve);
      }),
      SLOW_LIMIT_MS,
    );
    if (!isRead) raw.destroy();
  }

  /** What the hooks have set. */
  #ownHeaders(): Record<string, string> {
    const entries = Object.entries(this.#reply.getHeaders());
    return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
  }
}
