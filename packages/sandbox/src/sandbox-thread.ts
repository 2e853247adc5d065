/**
 * The thread in which scripts run, one after another. It may be ended at any moment.
 * Invariant: whatever a script does, it answers once, or is ended by its owner.
 */
import { parentPort } from 'node:worker_threads';
import { loadJavascript, runJavascript } from './run-javascript.ts';
import { loadJq, runJq } from './run-jq.ts';
import { runSchema } from './run-schema.ts';
import type { ThreadReply, ThreadRequest } from './thread-message.ts';

const [javascript, jq] = await Promise.all([loadJavascript(), loadJq()]);

parentPort?.on('message', (request: ThreadRequest) => {
  parentPort?.postMessage(replyTo(request), []);
});
parentPort?.postMessage('ready', []);

function replyTo(request: ThreadRequest): ThreadReply {
  try {
    switch (request.language) {
      case 'jq':
        return runJq(jq, request);
      case 'json-schema':
        return runSchema(request);
      case 'javascript':
        return runJavascript(javascript, request);
    }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: `ended its engine: ${problem}`, isSpent: true };
  }
}
