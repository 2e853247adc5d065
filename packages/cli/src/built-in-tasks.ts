import { type Config } from '@joinery/kit';
import { httpTask, type Task } from '@joinery/worker';

/** These tasks, and those that every worker runs unless its own have one of that type. */
export function withBuiltIns(
  tasks: readonly Task[],
  config: Pick<Config, 'outbound'>,
): readonly Task[] {
  const { allow, maxRequestBytes, maxResponseBytes, timeoutMs, concurrency } = config.outbound;
  const http = httpTask({ allow, maxRequestBytes, maxResponseBytes, timeoutMs, concurrency });
  return tasks.some(({ type }) => type === http.type) ? tasks : [...tasks, http];
}
