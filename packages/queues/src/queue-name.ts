import { joineryError } from '@joinery/core';

/** The queue on which producers ask for runs. */
export const START_QUEUE = 'workflow-starts';

/** Default prefix of BullMQ's keys, BullMQ's own. On Redis Cluster use one with a hash tag, such as `{bull}`. */
export const DEFAULT_QUEUE_PREFIX = 'bull';

/**
 * The BullMQ queue of a task type. UTF-8 bytes outside `[A-Za-z0-9_-]` become `=xx`: BullMQ forbids `:`, and `{}` would
 * change the slot. Reversible, and never the start queue, whatever the task type is called.
 */
export function queueNameOf(taskType: string): string {
  const encoded = taskType === START_QUEUE ? `=77${taskType.slice(1)}` : encode(taskType);
  if (taskType === '' || taskTypeOf(encoded) !== taskType) {
    const problem = 'it is empty or not well-formed Unicode';
    throw joineryError('JN_REQUEST_INVALID', { what: 'task type', problem });
  }
  return encoded;
}

/** The task type whose queue this is; null for the start queue and for queues that are not ours. */
export function taskTypeOf(queueName: string): string | null {
  if (queueName === START_QUEUE || !/^(?:[A-Za-z0-9_-]|=[0-9a-f]{2})+$/u.test(queueName)) {
    return null;
  }
  try {
    return decodeURIComponent(queueName.replaceAll('=', '%'));
  } catch {
    // Bytes that are not UTF-8: no task type is encoded so.
    return null;
  }
}

function encode(taskType: string): string {
  return taskType.replaceAll(/[^A-Za-z0-9_-]/gu, (char) =>
    [...new TextEncoder().encode(char)]
      .map((byte) => `=${byte.toString(16).padStart(2, '0')}`)
      .join(''),
  );
}
