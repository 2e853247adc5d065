/** Entry of the processes of a measurement: opens what its argument says, answers requests, ends when asked to. */
import { openDriver, openService } from './open-subject.ts';
import {
  type ProcessRequest,
  processSpec,
  requestMessage,
  type replyMessage,
} from './process-protocol.ts';
import { type z } from 'zod';

type Answer = (request: ProcessRequest) => Promise<unknown>;

const spec = processSpec.parse(JSON.parse(process.argv[2] ?? ''));
const answer = await open();

process.on('message', (message) => {
  const { id, request } = requestMessage.parse(message);
  void answer(request).then(
    (value) => reply({ id, value }),
    (error: unknown) => reply({ id, error: error instanceof Error ? error.stack : String(error) }),
  );
});
// Whoever has started this process is gone.
process.once('disconnect', () => process.exit(1));
reply({ id: 0 });

async function open(): Promise<Answer> {
  const site = { url: spec.url, workload: spec.workload };
  if (spec.roles !== null) {
    const service = await openService(spec.subject, site, spec.roles);
    return async (request) => (request.type === 'close' ? service.close() : cpuUs());
  }
  const driver = await openDriver(spec.subject, site);
  return async (request) => {
    switch (request.type) {
      case 'startMany':
        return driver.startMany(request.count);
      case 'settled':
        return driver.settled();
      case 'closedLoop':
        return driver.closedLoop(request.forMs, request.inflight);
      case 'oneByOne':
        return driver.oneByOne(request.count);
      case 'verify':
        return driver.verify();
      case 'cpuUs':
        return cpuUs();
      case 'close':
        return driver.close();
    }
  };
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function reply(message: z.infer<typeof replyMessage>): void {
  process.send?.(message);
}
