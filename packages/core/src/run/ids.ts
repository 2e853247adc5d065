/** Id of a run: `<partition as two hex digits>-<random>`; it carries its partition and never contains `:` or `.`. */
export type RunId = string & { readonly __brand: 'RunId' };

/** Key of a task inside its run: the task reference, with `__<iteration>` for each loop around it, outermost first. */
export type TaskKey = string & { readonly __brand: 'TaskKey' };

/** Id of a task over all runs: `<run id>.<encoded task key>`; safe inside a BullMQ job id. */
export type TaskId = string & { readonly __brand: 'TaskId' };

/** Build the id of a run from its partition and at least 80 random bits in `[a-z0-9]`. */
export function runIdOf(partition: number, random: string): RunId {
  return asId<RunId>(`${partition.toString(16).padStart(2, '0')}-${random}`);
}

const RUN_ID = /^[0-9a-f]{2}-[a-z0-9-]{8,64}$/;

/** Read a run id that came from outside; null when it is not one. */
export function parseRunId(text: string): RunId | null {
  return RUN_ID.test(text) ? asId<RunId>(text) : null;
}

/** The partition that a run id carries. */
export function partitionOf(runId: RunId): number {
  return Number.parseInt(runId.slice(0, 2), 16);
}

/** The partition of a start that must meet its equals: FNV-1a over the text. */
export function partitionFor(text: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) % partitions;
}

/**
 * Id of the run that one attempt of a task starts: the same whenever it is asked for, so that an attempt has exactly one.
 * All runs of a tree share the first part of its root's random text; the second tells them apart by 64 bits.
 */
export function childRunIdOf(
  parent: RunId,
  task: { readonly key: TaskKey; readonly attempt: number },
  partitionOfChild: (unique: string) => number,
): RunId {
  const unique = hash64(`${parent}\0${task.key}\0${task.attempt}`);
  const [root = ''] = parent.slice(3, 43).split('-');
  return runIdOf(partitionOfChild(unique), `${root}-${unique}`);
}

/** 64 bits as hex: two lanes of multiply-and-xor, mixed at the end (after cyrb53). */
function hash64(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i += 1) {
    a = Math.imul(a ^ text.charCodeAt(i), 2_654_435_761);
    b = Math.imul(b ^ text.charCodeAt(i), 1_597_334_677);
  }
  const mixed = [mix(a, b), mix(b, a)];
  return mixed.map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}

function mix(a: number, b: number): number {
  return Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
}

/** Key of the task with this reference, in these iterations of the loops around it, outermost first. */
export function taskKeyOf(ref: string, iterations: readonly number[] = []): TaskKey {
  return asId<TaskKey>([ref, ...iterations].join('__'));
}

/** The iterations in a task's key, outermost first; empty outside of loops. */
export function iterationsOf(key: TaskKey): readonly number[] {
  const suffix = suffixOf(key);
  return suffix === '' ? NO_ITERATIONS : suffix.slice(2).split('__').map(Number);
}

/** The task reference in a task's key. */
export function refOf(key: TaskKey): string {
  return key.slice(0, key.length - suffixOf(key).length);
}

/** Reference and iterations of a text that names a task. */
export function parseTaskKey(text: string): {
  readonly ref: string;
  readonly iterations: readonly number[];
} {
  const key = asId<TaskKey>(text);
  return { ref: refOf(key), iterations: iterationsOf(key) };
}

const NO_ITERATIONS: readonly number[] = [];

/** Reference names hold no `__`, but may end with `_`: the last possible place is the right one. */
function suffixOf(key: TaskKey): string {
  return key.includes('__') ? (/(?:__\d+)+$/.exec(key)?.[0] ?? '') : '';
}

/** Id of a task; bytes outside `[A-Za-z0-9_-]` of its key become `=XX`, so that ids stay reversible. */
export function taskIdOf(runId: RunId, key: TaskKey): TaskId {
  const encoded = [...new TextEncoder().encode(key)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9_-]/.test(char) ? char : `=${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
  return asId<TaskId>(`${runId}.${encoded}`);
}

/** Run and key of a task id; null when the text is not a task id. */
export function parseTaskId(text: string): { runId: RunId; key: TaskKey } | null {
  const dot = text.indexOf('.');
  const runId = parseRunId(dot < 0 ? '' : text.slice(0, dot));
  const encoded = text.slice(dot + 1);
  if (runId === null || !/^(?:[A-Za-z0-9_-]|=[0-9a-f]{2})+$/.test(encoded)) return null;
  const bytes: number[] = [];
  for (let i = 0; i < encoded.length; i += 1) {
    const isEscape = encoded[i] === '=';
    bytes.push(isEscape ? Number.parseInt(encoded.slice(i + 1, i + 3), 16) : encoded.charCodeAt(i));
    if (isEscape) i += 2;
  }
  return { runId, key: asId<TaskKey>(new TextDecoder().decode(Uint8Array.from(bytes))) };
}

/** The only place where text becomes an id. */
function asId<Id extends RunId | TaskKey | TaskId>(text: string, ...brand: Id[]): Id;
function asId(text: string): string {
  return text;
}
