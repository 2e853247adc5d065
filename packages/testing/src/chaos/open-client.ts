import { type LocalSystem, openLocalSystem } from './local-system.ts';

/** A way to start runs and to look at them, from outside of every role. */
export function openClient(
  url: string,
  env?: Readonly<Record<string, string>>,
): Promise<LocalSystem> {
  const nobody = { workers: 0, coordinators: 0, sweepers: 0, schedulers: 0 };
  return openLocalSystem({ url, tasks: [], ...nobody, ...(env && { env }) });
}
