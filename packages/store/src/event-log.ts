import type { Json, JsonObject, RunId, TaskKey } from '@joinery/core';

/** An event as it is published: at least once, and always with the same id. */
export interface PublishedEvent {
  readonly id: string;
  /** `conductor:…` or `redis:…`. */
  readonly sink: string;
  readonly payload: JsonObject;
}

/** An event as it is received: until it is done with, it comes again. */
export interface ReceivedEvent extends PublishedEvent {
  /** Its place in its stream. */
  readonly entryId: string;
}

/** The attempt that an effect of an event is about. */
export interface EventAim {
  readonly runId: RunId;
  readonly key: TaskKey;
  readonly attempt: number;
}

/** A registered event handler, as it was given. */
export interface StoredHandler {
  readonly name: string;
  readonly sink: string;
  readonly definition: Json;
}

/** How events are received. */
export interface ReceiveArgs {
  readonly sinks: readonly string[];
  readonly limit: number;
  /** Null: new events. Else those that somebody has received so long ago and not done with. */
  readonly idleMs: number | null;
}

/**
 * Events between runs and their handlers. Each sink has a stream, of which the newest 100,000 are kept, and one group of
 * receivers: an event is received by one process at a time, and again by another if that one dies.
 */
export interface EventLog {
  publish(event: PublishedEvent): Promise<void>;
  /** Oldest first within a sink. What cannot be read is done with, and left out. */
  receive(args: ReceiveArgs): Promise<readonly ReceivedEvent[]>;
  /** The event has had its effects. May be repeated. */
  done(event: ReceivedEvent): Promise<void>;
  /** The aim that was first given for this effect; known for 7 d. */
  aim(effectId: string, aim: EventAim): Promise<EventAim>;
  /** The same without giving one. */
  aimOf(effectId: string): Promise<EventAim | null>;
  /** Registers or replaces a handler; it gets the events that are published from now on. */
  putHandler(handler: StoredHandler): Promise<void>;
  /** False: there was none. */
  removeHandler(name: string): Promise<boolean>;
  /** By name. */
  handlers(): Promise<readonly StoredHandler[]>;
}
