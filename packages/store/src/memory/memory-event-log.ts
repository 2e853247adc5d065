import type { EventAim, EventLog, ReceivedEvent, StoredHandler } from '../event-log.ts';

interface Stream {
  readonly events: ReceivedEvent[];
  /** Of what nobody has received yet; null = nobody receives. */
  next: number | null;
  /** Received and not done with, with the moment of its last delivery. */
  readonly pending: Map<string, number>;
}

/** An event log in memory. `now` in ms. */
export function createMemoryEventLog(now: () => number): EventLog {
  const streams = new Map<string, Stream>();
  const handlers = new Map<string, StoredHandler>();
  const aims = new Map<string, EventAim>();
  const streamOf = (sink: string): Stream => {
    const stream = streams.get(sink) ?? { events: [], next: null, pending: new Map() };
    streams.set(sink, stream);
    return stream;
  };
  return {
    publish: async (event) => {
      const { events } = streamOf(event.sink);
      events.push({ ...event, entryId: String(events.length) });
    },
    receive: async ({ sinks, limit, idleMs }) =>
      sinks.flatMap((sink) => {
        const stream = streamOf(sink);
        const next = stream.next ?? 0;
        const fresh = stream.events.slice(next, next + limit);
        const left = stream.events.filter(({ entryId }) => isLeft(stream, entryId, idleMs, now()));
        const taken = idleMs === null ? fresh : left.slice(0, limit);
        if (idleMs === null) stream.next = next + taken.length;
        for (const { entryId } of taken) stream.pending.set(entryId, now());
        return taken;
      }),
    done: async ({ sink, entryId }) => {
      streamOf(sink).pending.delete(entryId);
    },
    aim: async (effectId, aim) => {
      const known = aims.get(effectId) ?? aim;
      aims.set(effectId, known);
      return known;
    },
    aimOf: async (effectId) => aims.get(effectId) ?? null,
    putHandler: async (handler) => {
      handlers.set(handler.name, handler);
      const stream = streamOf(handler.sink);
      stream.next ??= stream.events.length;
    },
    removeHandler: async (name) => handlers.delete(name),
    handlers: async () => [...handlers.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function isLeft(stream: Stream, entryId: string, idleMs: number | null, now: number): boolean {
  const at = stream.pending.get(entryId);
  return at !== undefined && idleMs !== null && now - at >= idleMs;
}
