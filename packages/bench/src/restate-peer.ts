/*
 * Restate's server and a service on its SDK, installed by npm into a folder of their own: nothing of them is part of this
 * project. Ownership: the folder and both processes; disposal ends and removes all of it.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What is compared with; newer ones may be slower or faster. */
export const RESTATE_PACKAGES = [
  '@restatedev/restate-server@1.7.12',
  '@restatedev/restate-sdk@1.17.2',
] as const;

/** A running Restate; `ingress` is where workflows are asked for. */
export interface RestatePeer extends AsyncDisposable {
  readonly ingress: string;
}

const INSTALL_WITHIN_MS = 300_000;
const READY_WITHIN_MS = 60_000;
const service = fileURLToPath(new URL('../peers/restate-service.mjs', import.meta.url));

/** Installs and starts Restate. Throws when npm cannot install it or it does not start here. */
export async function openRestate(): Promise<RestatePeer> {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-peer-'));
  const children: ChildProcess[] = [];
  const dispose = async (): Promise<void> => {
    for (const child of children.toReversed()) await endChild(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await install(folder);
    const [servicePort, adminPort, ingressPort, nodePort] = await freePorts(4);
    const script = join(folder, 'service.mjs');
    await copyFile(service, script);
    const run = (args: readonly string[], env: Readonly<Record<string, string>>): void => {
      const options = { cwd: folder, env: { ...env }, stdio: 'ignore' } as const;
      children.push(spawn(process.execPath, args, options));
    };
    run([script, String(servicePort)], { RESTATE_LOGGING: 'ERROR' });
    run([join(folder, 'node_modules/@restatedev/restate-server/lib/index.js')], {
      RESTATE_BASE_DIR: join(folder, 'data'),
      RESTATE_BIND_ADDRESS: `127.0.0.1:${nodePort}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${adminPort}`,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingressPort}`,
      RESTATE_LOG_FILTER: 'error',
    });
    await register(`http://127.0.0.1:${adminPort}`, `http://127.0.0.1:${servicePort}`);
    return { ingress: `http://127.0.0.1:${ingressPort}`, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function install(folder: string): Promise<void> {
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefix', folder];
  const options = { cwd: folder, timeout: INSTALL_WITHIN_MS };
  await promisify(execFile)('npm', ['install', ...flags, ...RESTATE_PACKAGES], options);
}

/** Tells the server where the service is, as soon as both listen. */
async function register(admin: string, uri: string): Promise<void> {
  const endsAt = performance.now() + READY_WITHIN_MS;
  let problem: unknown = 'nobody listens';
  while (performance.now() < endsAt) {
    try {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ uri });
      const answer = await fetch(`${admin}/deployments`, { method: 'POST', headers, body });
      if (answer.ok) return;
      problem = `${answer.status} ${await answer.text()}`;
    } catch (error) {
      problem = error;
    }
    await delay(250);
  }
  throw new Error(`Restate did not start within ${READY_WITHIN_MS} ms`, { cause: problem });
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((each) => once(each, 'listening')));
  const ports = servers.map((each) => {
    const address = each.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((each) => promisify(each.close.bind(each))()));
  return ports;
}

/** Its launcher hands the signal on to the server. */
async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited;
  clearTimeout(killer);
}
