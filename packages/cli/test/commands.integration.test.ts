import { parseRunId, type RunId } from '@joinery/core';
import { type OpenEngine, openEngine, registerDefinition, startRun } from '@joinery/engine';
import { createRecordingLogger, parseConfig } from '@joinery/kit';
import { eventually, type RedisServer, startRedis } from '@joinery/testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EXAMPLES, examplesText } from '../src/help-texts.ts';
import { dynamic, nested, order, orderTasks } from './fixtures/definitions.ts';
import { cli, type CliResult } from './fixtures/test-terminal.ts';
import { tripBank } from './fixtures/trip-bank.ts';

const result = z.object({ runId: z.string(), status: z.string(), output: z.unknown() });
const waiting = { ...order, name: 'waiting' };
let redis: RedisServer;
let open: OpenEngine;
let cwd: string;
let env: Record<string, string>;

beforeAll(async () => {
  redis = await startRedis();
  env = { REDIS_URL: redis.url };
  cwd = await mkdtemp(join(tmpdir(), 'joinery-commands-'));
  const files = {
    'nested.json': nested,
    'order.json': order,
    'waiting.json': waiting,
    'dynamic.json': dynamic,
    'nightly.json': { name: 'nightly', workflow: { name: 'order' }, cron: '0 3 * * *' },
  };
  for (const [name, content] of Object.entries({ ...files, 'input.json': { id: 5 } })) {
    await writeFile(join(cwd, name), JSON.stringify(content));
  }
  await writeFile(join(cwd, 'tasks.mjs'), orderTasks);
  const config = parseConfig(env);
  open = await openEngine({ config, logger: createRecordingLogger(), processId: 'test' });
  await tripBank(open);
});

afterAll(async () => {
  await open.close();
  await redis[Symbol.asyncDispose]();
  await rm(cwd, { recursive: true, force: true });
});

function run(...args: string[]): Promise<CliResult> {
  return cli(args, { env, cwd });
}

/** A run whose first task nobody takes. */
async function startWaiting(): Promise<RunId> {
  const leaving = new AbortController();
  const following = cli(['run', 'waiting.json', '--wait-for-workers'], {
    env,
    cwd,
    signal: leaving.signal,
  });
  const known = new Set((await open.store.list(1_000)).map(({ runId }) => runId));
  const started = await eventually(async () => {
    const found = (await open.store.list(1_000)).find(({ runId }) => !known.has(runId));
    expect(found).toBeDefined();
    return found;
  });
  leaving.abort();
  expect((await following).exitCode).toBe(130);
  if (!started) throw new Error('no run');
  return started.runId;
}

describe('joinery run', () => {
  it('runs a definition with the handlers of a module', async () => {
    const input = '{"id":3}';
    const { exitCode, out } = await run(
      'run',
      'order.json',
      '--tasks',
      'tasks.mjs',
      '--input',
      input,
    );
    expect({ exitCode, out: JSON.parse(out.join('')) }).toEqual({ exitCode: 0, out: { id: 3 } });
  });

  it('echoes also the branches that only the input names', async () => {
    const branches = ['late_a', 'late_b'].map((name) => ({
      name,
      taskReferenceName: name,
      type: 'SIMPLE',
    }));
    const input = JSON.stringify({ branches, inputs: { late_a: { x: 1 }, late_b: { x: 2 } } });
    const { exitCode, out } = await run(
      'run',
      'dynamic.json',
      '--echo',
      '--json',
      '--input',
      input,
    );
    expect(exitCode).toBe(0);
    const { output } = result.parse(JSON.parse(out.at(-1) ?? ''));
    expect(output).toMatchObject({ late_a: { x: 1 }, late_b: { x: 2 } });
  });

  it('answers 1 for a run that fails, and says why and where to look', async () => {
    const input = '{"id":"broken"}';
    const args = ['run', 'order.json', '--tasks', 'tasks.mjs', '--json', '--input', input];
    await writeFile(join(cwd, 'order.json'), JSON.stringify(withoutRetries()));
    const { exitCode, out, err } = await run(...args);
    await writeFile(join(cwd, 'order.json'), JSON.stringify(order));
    expect(exitCode).toBe(1);
    const { runId, status } = result.parse(JSON.parse(out.at(-1) ?? ''));
    expect(status).toBe('FAILED');
    expect(err.at(-2)).toContain('the card was refused');
    expect(err.at(-1)).toBe(`  what to do: joinery inspect ${runId}`);
  });

  it('starts nothing when nobody runs a task type', async () => {
    const before = (await open.store.list(1_000)).length;
    const { exitCode, err } = await run('run', 'nested.json');
    expect({ exitCode, line: err[0] }).toEqual({
      exitCode: 1,
      line: 'JN_TASK_TYPE_UNKNOWN: No handler is registered for task type prepare',
    });
    expect(await open.store.list(1_000)).toHaveLength(before);
  });

  it('counts on workers and roles that are live elsewhere', async () => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const all = cli(['all', '--port', '0', '--tasks', 'tasks.mjs'], {
      env: { ...env, LOG_LEVEL: 'silent' },
      cwd,
      signal,
    });
    await eventually(async () => {
      const member = (await open.fleet.live()).find(({ phase }) => phase === 'ready');
      expect(member?.taskTypes).toEqual(['charge', 'ship', 'HTTP']);
    });
    const { exitCode, out } = await run('run', 'order.json', '--json', '--input', '@input.json');
    expect(exitCode).toBe(0);
    const { runId } = result.parse(JSON.parse(out.at(-1) ?? ''));
    const history = await open.store.history(parsed(runId), 1, 100);
    const actors = new Set(history.map(({ actor }) => actor.split('/')[0]));
    leaving.abort();
    const { exitCode: code, err } = await all;
    expect({ code, line: err[0] }).toMatchObject({
      code: 0,
      line: expect.stringMatching('ready at'),
    });
    // The start is ours, everything after it is the other's.
    expect(actors.size).toBe(2);
  });

  it.each([
    ['no file', ['run', 'absent.json'], 2, 'error: cannot read absent.json'],
    ['no JSON', ['run', 'tasks.mjs'], 1, 'JN_PAYLOAD_NOT_JSON: tasks.mjs is not JSON'],
    ['no JSON input', ['run', 'order.json', '--input', '{'], 1, 'JN_PAYLOAD_NOT_JSON: --input'],
    ['no object', ['run', 'order.json', '--input', '[1]'], 1, 'JN_REQUEST_INVALID: --input'],
    ['no module', ['run', 'order.json', '--tasks', 'x.mjs'], 1, 'JN_REQUEST_INVALID: task module'],
    ['no option', ['run', 'order.json', '--ecko'], 2, "error: unknown option '--ecko'"],
    ['no command', ['rum'], 2, "error: unknown command 'rum'"],
    ['no port', ['all', '--port', '99999'], 2, "error: option '--port <n>' argument '99999'"],
    ['no run', ['inspect', '00-nobody000'], 1, 'JN_RUN_NOT_FOUND: Run 00-nobody000'],
    ['no id', ['explain', 'x'], 1, 'JN_RUN_NOT_FOUND: Run x'],
    ['no tunable', ['config', 'set', 'lock.decide.leese', '1s'], 2, 'error: lock.decide.leese'],
    ['no duration', ['config', 'set', 'lock.decide.lease', '5'], 2, 'error: lock.decide.lease:'],
    ['no range', ['config', 'set', 'lock.decide.lease', '9d'], 2, 'error: lock.decide.lease:'],
  ])('answers %s (%j) with %i', async (_what, args, exitCode, line) => {
    const ended = await run(...args);
    expect(ended).toMatchObject({ exitCode, out: [] });
    expect(ended.err[0]).toContain(line);
  });

  it('refuses to listen where others can reach it', async () => {
    const wide = { ...env, JOINERY_HTTP_HOST: '0.0.0.0', LOG_LEVEL: 'silent' };
    const { exitCode, err } = await cli(['server'], { env: wide, cwd });
    expect(exitCode).toBe(78);
    expect(err[0]).toContain('JN_CONFIG_INVALID');
    expect(err[0]).toContain('--expose');
  });
});

describe('the operators’ commands', () => {
  it('show, explain, pause, resume and end a run', async () => {
    const runId = await startWaiting();
    const explained = await run('explain', runId);
    expect(explained.out).toContain('  - task charge_ref: no live worker runs charge');
    expect((await run('pause', runId)).out).toEqual(['the run is PAUSED']);
    expect((await run('resume', runId)).out).toEqual(['the run is RUNNING']);
    expect((await run('resume', runId)).err[0]).toMatch(/^JN_RUN_NOT_PAUSED: /);
    const ended = await run('terminate', runId, '--reason', 'no longer needed');
    expect(ended).toMatchObject({ exitCode: 0, out: ['the run is TERMINATED'] });
    const inspected = await run('inspect', runId);
    expect(inspected.out.join('\n')).toMatch(/^status +TERMINATED: no longer needed$/m);
    expect(inspected.out.join('\n')).toMatch(/^ship_ref +ship +-$/m);
    const history = await open.store.history(runId, 1, 100);
    expect(history.map(({ actor }) => actor)).toContain('joinery pause');
  });

  it('repair what was lost, after saying so without doing it', async () => {
    const runId = await startWaiting();
    const keys = await open.redis.keys('bull:charge:*');
    await open.redis.del(...keys);
    const dry = await run('repair', runId, '--dry-run');
    expect(dry.out).toEqual([`would repair lost-job ${runId} charge_ref`, 'would repair 1']);
    expect((await run('repair', runId)).out[1]).toBe('repaired 1');
    expect((await run('repair', runId)).out).toEqual(['nothing is to be repaired']);
    const { waiting: inLine, prioritized } = await open.engine.queue.waiting('charge');
    expect(inLine + prioritized).toBe(1);
  });

  it('change what is in force in other processes within a second', async () => {
    expect((await run('config', 'get', 'lock.decide.timeToTry')).out).toEqual(['500ms']);
    expect((await run('config', 'set', 'lock.decide.timeToTry', '2s')).exitCode).toBe(0);
    await eventually(() => open.engine.tunables().timeToTryMs === 2_000, { withinMs: 10_000 });
    const { out } = await run('config', 'get');
    expect(out.join('\n')).toMatch(/^lock\.decide\.timeToTry +2s +set for all processes$/m);
    expect(out.join('\n')).toMatch(/^scheduler\.relayAfter +200ms +configuration$/m);
  });
});

describe('opening a run again', () => {
  it('says what is open then, and writes who has asked into the history', async () => {
    const runId = await startWaiting();
    expect((await run('retry', runId)).exitCode).toBe(1);
    await run('terminate', runId);
    const { exitCode, out } = await run('retry', runId, '--reason', 'the shop is open again');
    expect(exitCode).toBe(0);
    expect(out).toEqual(['the run is RUNNING', '  charge_ref SCHEDULED (attempt 2)']);
    const events = await open.store.history(runId, 1, 100);
    expect(events.find(({ event }) => event.type === 'run.reopened')).toMatchObject({
      actor: 'joinery retry',
      event: { by: 'retry', from: 'TERMINATED', reason: 'the shop is open again' },
    });
  });

  it('tells a task that waits, and says which', async () => {
    const runId = await startApproval();
    const { out } = await run('signal', runId, '--output', '{"ok":true}');
    expect(out).toEqual([`approve of run ${runId} is told`, 'the run is COMPLETED']);
    expect(await open.store.payload(runId, 'o:approve')).toEqual({ ok: true });
    expect((await run('signal', runId)).exitCode).toBe(1);
  });
});

describe('the examples of the help', () => {
  const commands = Object.keys(EXAMPLES);
  const lines = Object.values(EXAMPLES).flatMap((examples) => examples.map(({ line }) => line));

  it.each(commands)('are shown by joinery %s --help', async (command) => {
    const { exitCode, out } = await run(command, '--help');
    expect(exitCode).toBe(0);
    expect(out.join('\n')).toContain(examplesText(command).trim());
  });

  it.each(lines)('%s', async (line) => {
    const runId = line.includes('<run>') ? await startFor(line) : '';
    if (line.startsWith('joinery resume')) await run('pause', runId);
    const args = wordsOf(line.replace('<run>', runId)).slice(1);
    const leaving = new AbortController();
    const isRole = /^joinery (all|worker)/.test(line);
    const port = '0';
    const running = cli(args, {
      env: { ...env, PORT: port, ...(isRole ? { LOG_LEVEL: 'silent' } : {}) },
      cwd,
      signal: leaving.signal,
    });
    if (isRole) {
      await eventually(async () => (await open.fleet.live()).length > 0);
      leaving.abort();
    }
    const { exitCode, err } = await running;
    expect({ line, exitCode, err: exitCode === 0 ? [] : err }).toEqual({
      line,
      exitCode: 0,
      err: [],
    });
  });
});

/** A run in which the example makes sense. */
async function startFor(line: string): Promise<RunId> {
  if (line.startsWith('joinery signal')) return startApproval();
  const runId = await startWaiting();
  if (/^joinery (retry|restart|rerun)/.test(line)) await run('terminate', runId);
  return runId;
}

/** A run that waits for a person. */
async function startApproval(): Promise<RunId> {
  const approve = { name: 'approve', taskReferenceName: 'approve', type: 'HUMAN' };
  await registerDefinition(open.engine, { name: 'approval', tasks: [approve] });
  return (await startRun(open.engine, { name: 'approval' })).runId;
}

/** As a shell does, with single quotes alone. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

function parsed(text: string): RunId {
  const runId = parseRunId(text);
  if (runId === null) throw new Error(`${text} is no run id`);
  return runId;
}

function withoutRetries(): unknown {
  return {
    ...order,
    version: 2,
    tasks: order.tasks.map((task) => Object.assign({ retryCount: 0 }, task)),
  };
}
