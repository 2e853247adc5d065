import { type EventHandler, eventHandlerSchema } from '@joinery/contract';
import { z } from 'zod';
import { type Ask, pathTo } from './ask-server.ts';

const ROOT = '/api/event';

/** Event handlers of one server. */
export interface EventHandlersClient {
  /** Registers or replaces; may be repeated. */
  put(handler: EventHandler): Promise<void>;
  list(): Promise<readonly EventHandler[]>;
  remove(name: string): Promise<void>;
}

/** Creates the verbs for event handlers. */
export function eventHandlersClient(ask: Ask): EventHandlersClient {
  return {
    put: async (handler) => {
      await ask('POST', ROOT, handler);
    },
    list: async () => z.array(eventHandlerSchema).parse(await ask('GET', ROOT)),
    remove: async (name) => {
      await ask('DELETE', pathTo(ROOT, name));
    },
  };
}
