import { z } from 'zod';
import { type ClientOptions } from './ask-server.ts';
import { RequestRefusedError } from './request-refused-error.ts';

/** Schema of {@link RunEvent} in the server's stream. */
const runEventSchema = z.object({
  version: z.number(),
  at: z.number(),
  actor: z.string(),
  event: z.looseObject({ type: z.string() }),
});

/** One event of a run's history: versions count from 1 without a gap, moments are ms since epoch. */
export interface RunEvent {
  readonly version: number;
  readonly at: number;
  /** Process and verb. */
  readonly actor: string;
  readonly event: { readonly type: string; readonly [field: string]: unknown };
}

/** Where a stream begins, and when it is no longer wanted. */
export interface EventsOptions {
  /** Version of the last event that is known; default 0. */
  readonly after?: number;
  readonly signal?: AbortSignal;
}

/** Follows a run. Throws RequestRefusedError when the server refuses, and what `fetch` throws. */
export async function* runEvents(
  { url, token, fetch: ask = fetch }: ClientOptions,
  runId: string,
  { after = 0, signal }: EventsOptions,
): AsyncGenerator<RunEvent> {
  const path = `/api/runs/${encodeURIComponent(runId)}/events`;
  const response = await ask(new URL(path, url), {
    headers: {
      'last-event-id': String(after),
      ...(token ? { authorization: `Bearer ${await token()}` } : {}),
    },
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) throw new RequestRefusedError(response.status, await response.json());
  for await (const block of blocksOf(response)) {
    const line = block.split('\n').find((each) => each.startsWith('data: '));
    if (line !== undefined) yield runEventSchema.parse(JSON.parse(line.slice('data: '.length)));
  }
}

/** What stands between empty lines. */
async function* blocksOf({ body }: Response): AsyncGenerator<string> {
  if (body === null) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (text + value).split('\n\n');
      text = blocks.pop() ?? '';
      yield* blocks;
    }
  } finally {
    await reader.cancel();
  }
}
