import { type Engine, type EnginePorts } from '@joinery/engine';
import { type Divergence } from './divergence.ts';

/** The ports of an engine that cannot make one kind of repair, and is otherwise as it was. */
export function withoutRepair(engine: Engine, kind: Divergence): Partial<EnginePorts> {
  const { queue, store } = engine;
  switch (kind) {
    case 'lost-job':
      return { queue: { ...boundQueue(queue), exists: async (jobs) => jobs.map(() => true) } };
    case 'orphan-job':
      return { queue: { ...boundQueue(queue), scan: async () => ({ jobs: [], cursor: null }) } };
    case 'claim-ended':
      return {
        store: {
          ...store,
          look: async (partition, runIds) => {
            const findings = await store.look(partition, runIds);
            return findings.map((finding) => Object.assign({}, finding, { endedClaims: [] }));
          },
        },
      };
    case 'no-open-task':
    case 'join-not-fired':
    case 'lost-successor':
    case 'unsettled-task':
    case 'lost-timer':
    case 'wrong-count':
    case 'parent-not-notified':
      return {
        decide: (input) => {
          const result = engine.decide(input);
          if (result.type !== 'decision' || !result.decision.repairs.includes(kind)) return result;
          const nothing = { commands: [], repairs: [], hasMore: false, isEmpty: true };
          return { type: 'decision', decision: { ...result.decision, ...nothing } };
        },
      };
  }
}

/** A queue is an object of a class: its methods do not come along when it is spread. */
function boundQueue(queue: Engine['queue']): Engine['queue'] {
  return {
    enqueue: (jobs) => queue.enqueue(jobs),
    exists: (jobs) => queue.exists(jobs),
    remove: (jobs) => queue.remove(jobs),
    waiting: (taskType) => queue.waiting(taskType),
    scan: (taskType, cursor, limit) => queue.scan(taskType, cursor, limit),
    taskTypes: () => queue.taskTypes(),
    close: () => queue.close(),
  };
}
