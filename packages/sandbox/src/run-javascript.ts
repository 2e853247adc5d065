import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';
import { REASON_LIMIT, STACK_BYTES } from './sandbox-limits.ts';
import type { ThreadReply, ThreadRequest } from './thread-message.ts';

/** The engine, compiled once for a thread. */
export function loadJavascript(): Promise<QuickJSWASMModule> {
  return newQuickJSWASMModuleFromVariant(import('@jitl/quickjs-wasmfile-release-sync'));
}

/**
 * Runs a script in a fresh QuickJS: no host object is in it, and nothing that it changes is there for the next one. Its
 * value is that of its last statement, as JSON; what JSON has not is null.
 */
export function runJavascript(engine: QuickJSWASMModule, request: ThreadRequest): ThreadReply {
  const { timeoutMs, memoryBytes } = request.limits;
  const runtime = engine.newRuntime();
  runtime.setMemoryLimit(memoryBytes);
  runtime.setMaxStackSize(STACK_BYTES);
  const endsAt = performance.now() + timeoutMs;
  const isOver = (): boolean => performance.now() >= endsAt;
  runtime.setInterruptHandler(isOver);
  const context = runtime.newContext();
  const reply = evaluate(context, request, isOver);
  context.dispose();
  runtime.dispose();
  return reply;
}

// Taken before the script can replace what they use.
const PREPARE = `(() => {
  const { stringify, parse } = JSON;
  const text = String;
  const slice = Function.prototype.call.bind(text.prototype.slice);
  return {
    parse,
    write: (value) => stringify(value) ?? 'null',
    describe: (error) => {
      const isError = typeof error === 'object' && error !== null && 'message' in error;
      return slice(text(isError ? error.name + ': ' + error.message : error), 0, ${REASON_LIMIT});
    },
  };
})()`;

function evaluate(
  context: QuickJSContext,
  { script, input, limits }: ThreadRequest,
  isOver: () => boolean,
): ThreadReply {
  const tools = context.unwrapResult(context.evalCode(PREPARE, 'prepare.js'));
  const call = (name: string, argument: QuickJSHandle): string | null => {
    const tool = context.getProp(tools, name);
    const result = context.callFunction(tool, context.undefined, argument);
    tool.dispose();
    if (result.error !== undefined) {
      result.error.dispose();
      return null;
    }
    const text = textWithin(context, result.value, limits.outputSize);
    result.value.dispose();
    return text;
  };
  const failed = (reason: string | null): ThreadReply => {
    const why = isOver() ? `ran for longer than ${limits.timeoutMs} ms` : reason;
    return { ok: false, reason: why ?? 'failed without a message', isSpent: false };
  };
  try {
    if (!bindInput(context, tools, input))
      return failed('the input needs more memory than it may have');
    const result = context.evalCode(script, 'script.js', { type: 'global' });
    if (result.error !== undefined) {
      const reason = call('describe', result.error);
      result.error.dispose();
      return failed(reason);
    }
    const output = call('write', result.value);
    result.value.dispose();
    if (output === null) return failed(`yields no JSON of at most ${limits.outputSize} characters`);
    return { ok: true, output };
  } finally {
    tools.dispose();
  }
}

/** Makes the input `$`. */
function bindInput(context: QuickJSContext, tools: QuickJSHandle, input: string): boolean {
  const text = context.newString(input);
  const parse = context.getProp(tools, 'parse');
  const parsed = context.callFunction(parse, context.undefined, text);
  parse.dispose();
  text.dispose();
  if (parsed.error !== undefined) {
    parsed.error.dispose();
    return false;
  }
  context.setProp(context.global, '$', parsed.value);
  parsed.value.dispose();
  return true;
}

/** The text of a handle; null when it is none or longer, which is asked before it is copied. */
function textWithin(context: QuickJSContext, handle: QuickJSHandle, size: number): string | null {
  if (context.typeof(handle) !== 'string') return null;
  const length = context.getProp(handle, 'length');
  const isWithin = context.getNumber(length) <= size;
  length.dispose();
  return isWithin ? context.getString(handle) : null;
}
