import { taskKeyOf } from '@joinery/core';
import { type AnsweredRun } from '../flights/answered-run.ts';
import { type KilledWorker } from './kill-inside.ts';
import { type CrewMember } from './worker-crew.ts';

/** Who was killed, with what in hand. */
export function obituaryOf(killed: KilledWorker | null): string {
  if (killed === null) return 'nobody could be killed';
  const { member, inHand } = killed;
  const tasks = inHand.map(({ taskRef }) => taskRef).join(' and ');
  return `SIGKILL: ${member.label} (process ${member.pid}) is dead, inside the handler of ${tasks}`;
}

/** Who took over what the dead worker had in hand, and when. */
export function redeliveriesOf(
  { history }: AnsweredRun,
  { member: dead, inHand, killedAt }: KilledWorker,
  members: readonly CrewMember[],
): readonly string[] {
  const after = (at: number): string => `${((at - killedAt) / 1_000).toFixed(1)} s`;
  return inHand.map(({ taskRef }) => {
    const key = taskKeyOf(taskRef);
    const noticed = history.find(
      ({ event }) => event.type === 'task.redelivered' && event.key === key,
    );
    const again = history.find(
      ({ event }) => event.type === 'task.started' && event.key === key && event.delivery > 1,
    );
    if (again?.event.type !== 'task.started') return `${taskRef} was NOT handed out again.`;
    const { worker } = again.event;
    const label = members.find(({ workerId }) => workerId === worker)?.label ?? worker;
    const way = `redelivered ${after(noticed?.at ?? again.at)} after the kill, with ${label} at ${after(again.at)}`;
    return `${taskRef}, in the hands of ${dead.label}: ${way}; no retry was spent on it.`;
  });
}

/** What else there is to see. */
export function nextSteps(serverUrl: string | null): readonly string[] {
  if (serverUrl !== null) {
    return [
      `Queues (Bull Board): ${serverUrl}/queues`,
      `HTTP API: ${serverUrl}`,
      'Ctrl-C ends it.',
    ];
  }
  const run = 'npm run joinery -- run packages/examples/definitions';
  const tasks = '--tasks packages/examples/tasks';
  return [
    'What to try next',
    '  npm start -- --serve          the same, and then Bull Board over the queues',
    `  ${run}/nested-fork-join.json ${tasks}/nested-fork-join.mjs`,
    `  ${run}/order-fulfilment.json ${tasks}/order-fulfilment.mjs`,
    '  npm run joinery -- runs       the runs that there are; explain <run> says why one waits',
    '  npm test',
  ];
}
