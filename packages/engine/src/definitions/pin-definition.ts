import { type PinnedDefinition } from '@joinery/store';
import { type EnginePorts } from '../engine-ports.ts';
import { type PreparedDefinition } from './prepared-definitions.ts';

/**
 * Keeps a definition and the task definitions that it uses under the hash of both, so that a run carries out what was
 * registered when it started, whatever is registered later. Idempotent, and done at each start: what was pinned before
 * may have been lost with the last second before a power failure.
 */
export async function pinDefinition(
  ports: Pick<EnginePorts, 'definitions'>,
  prepared: PreparedDefinition,
): Promise<PinnedDefinition> {
  const found = await ports.definitions.getTasks(prepared.taskNames);
  const content = prepared.pinnedWith(Object.fromEntries(found));
  await ports.definitions.pin(content);
  return content;
}
