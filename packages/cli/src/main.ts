#!/usr/bin/env node
import { readConfig } from '@joinery/kit';
import { isolateRun } from './isolate-run.ts';
import { runCli } from './run-cli.ts';

/** Lines go out whole and in order; a reader that left early (`| head`) ends us quietly. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => {
    process.exit(0);
  });
}

const exitCode = await runCli(process.argv.slice(2), {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  readConfig,
  cwd: process.cwd(),
  isolate: isolateRun,
});
// A handler's module may have left timers or sockets behind; all that is ours is closed.
process.stdout.write('', () => {
  process.exit(exitCode);
});
