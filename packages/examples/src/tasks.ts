/** All tasks of the examples in one module, as `joinery worker --tasks` takes it. */
import { loadTasks, type Task } from '@joinery/worker';
import { fileURLToPath } from 'node:url';
import { flightTasks } from './flights/flight-tasks.ts';

const copied = ['nested-fork-join.mjs', 'order-fulfilment.mjs'].map((name) =>
  loadTasks(fileURLToPath(new URL(`../tasks/${name}`, import.meta.url))),
);

/** The tasks of every definition in `definitions/`. */
export const tasks: readonly Task[] = [...flightTasks, ...(await Promise.all(copied)).flat()];
