import { type Json } from '@joinery/core';
import { type Agenda, type AgendaEntry } from '../agenda.ts';
import { frozenJson } from './frozen-json.ts';

const LOG_LIMIT = 200;
const TAKEN_AGAIN_AFTER_MS = 5_000;

/** The agenda in memory: the readable specification of its scripts. */
export function createMemoryAgenda({ now }: { readonly now: () => number }): Agenda {
  const entries = new Map<string, AgendaEntry>();
  const logs = new Map<string, readonly Json[]>();
  const due = new Map<string, number>();
  return {
    find: async (id) => entries.get(id) ?? null,
    list: async (kind) =>
      [...entries.values()]
        .filter(({ id }) => kind === '' || id.startsWith(`${kind}/`))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    async commit({ id, from, revision, body, dueAt, log = [] }) {
      const found = entries.get(id)?.revision ?? null;
      if (found === revision || (body === null && found === null)) return true;
      if (found !== from) return false;
      due.delete(id);
      if (body === null) {
        entries.delete(id);
        logs.delete(id);
        return true;
      }
      entries.set(id, frozenJson({ id, revision, body, dueAt }));
      if (dueAt !== null) due.set(id, dueAt);
      logs.set(id, [...log.toReversed(), ...(logs.get(id) ?? [])].slice(0, LOG_LIMIT));
      return true;
    },
    async takeDue(limit) {
      const at = now();
      const ids = [...due]
        .filter(([, dueAt]) => dueAt <= at)
        .toSorted(([a, first], [b, second]) => first - second || (a < b ? -1 : 1))
        .slice(0, limit)
        .map(([id]) => id);
      for (const id of ids) due.set(id, at + TAKEN_AGAIN_AFTER_MS);
      return { now: at, entries: ids.flatMap((id) => entries.get(id) ?? []) };
    },
    log: async (id, limit) => (logs.get(id) ?? []).slice(0, limit),
    now: async () => now(),
  };
}
