import { afterAll } from 'vitest';

/** What a file must have let go of at its end: connections, servers and child processes. */
const resources = /^(TCPSocketWrap|TCPServerWrap|ProcessWrap)$/;
/** Sockets close a few turns after their owner let go; a leak stays for ever. */
const patienceMs = 2_000;

function openHandles(): readonly string[] {
  return process.getActiveResourcesInfo().filter((name) => resources.test(name));
}

// Registered first, so that it runs after every other afterAll of the file.
const openBefore = openHandles().length;
afterAll(async () => {
  const until = Date.now() + patienceMs;
  while (openHandles().length > openBefore && Date.now() < until) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
  const leaked = openHandles().slice(openBefore);
  if (leaked.length > 0) throw new Error(`this file leaks ${leaked.join(', ')}`);
});
